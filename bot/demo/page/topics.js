// The topics of a forum group: a row of tabs over the messages, General first.

import { el, icon, refresh } from './dom.js';
import { go, isClosed, openTopic, store, unread } from './store.js';
import { say } from './words.js';

export const tabs = el('nav', { id: 'topics', role: 'tablist' });
let shown = null; // what the row was scrolled to

export function draw(chat) {
  tabs.hidden = !chat.forum;
  if (!chat.forum) return;
  tabs.setAttribute('aria-label', say('topics'));
  const general = { id: 0, name: say('general') };
  refresh(tabs, [general, ...chat.topics].map((topic) => tab(chat, topic)));
  const open = `${chat.id}/${openTopic()}`;
  if (open === shown) return;
  shown = open;
  const node = tabs.querySelector('[aria-selected="true"]');
  tabs.scrollTo({ left: node.offsetLeft - (tabs.clientWidth - node.offsetWidth) / 2 });
}

function tab(chat, topic) {
  const count = unread(store.me, chat.id, topic.id);
  const colour = topic.colour ? `#${topic.colour.toString(16).padStart(6, '0')}` : 'var(--muted)';
  const sign = el('span', { class: 'topic-sign' }, icon(topic.id ? 'topic' : 'hash', 15));
  sign.style.color = colour;
  return el(
    'button',
    {
      class: 'topic',
      type: 'button',
      role: 'tab',
      'aria-selected': String(topic.id === openTopic(chat.id)),
      data: { topic: topic.id },
      on: { click: () => go(store.me, chat.id, topic.id) },
    },
    sign,
    el('span', { class: 'topic-name' }, topic.name),
    isClosed(chat.id, topic.id) ? icon('lock', 13) : null,
    count ? el('span', { class: 'badge' }, String(count)) : null,
  );
}
