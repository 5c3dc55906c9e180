// The messages of a chat in order: days, runs of one sender, albums, what is unread; made once, kept while unchanged.

import { el } from './dom.js';
import { avatar } from './faces.js';
import { bubble } from './message.js';
import { isGroup, isNote, now, shown, store } from './store.js';
import { day, dayKey } from './times.js';
import { say } from './words.js';

const drawn = new Map(); // key -> {sign, node}

export const forget = () => drawn.clear();

const together = (a, b) =>
  a &&
  b &&
  a.from.id === b.from.id &&
  !isNote(a) &&
  !isNote(b) &&
  Boolean(a.receiver) === Boolean(b.receiver) &&
  Math.abs(b.date - a.date) < 600 &&
  dayKey(a.date * 1000) === dayKey(b.date * 1000);

function albums(messages) {
  const out = [];
  for (const message of messages) {
    const last = out.at(-1)?.[0];
    if (message.media_group_id && last?.media_group_id === message.media_group_id && message.photo)
      out.at(-1).push(message);
    else out.push([message]);
  }
  return out;
}

// `marker` is the last message read before the chat was opened, null when nothing was unread.
export function items(chat, marker, deeds) {
  const groups = albums(shown(chat.id));
  const out = [];
  if (!groups.length) out.push(hint(chat));
  let date = null;
  let marked = marker === null;
  groups.forEach((album, index) => {
    const message = album[0];
    if (dayKey(message.date * 1000) !== date) {
      date = dayKey(message.date * 1000);
      out.push(
        cached(`day ${date}`, day(message.date * 1000), (words) => el('div', { class: 'day' }, el('span', {}, words))),
      );
    }
    if (!marked && message.order > marker && message.from.id !== store.me && !isNote(message)) {
      marked = true;
      out.push(
        cached('unread', say('newMessages'), (words) => el('div', { class: 'unread-line' }, el('span', {}, words))),
      );
    }
    const flags = {
      first: !together(groups[index - 1]?.[0], message),
      last: !together(message, groups[index + 1]?.[0]),
      album: album.length > 1 ? album : undefined,
    };
    const sign = JSON.stringify([album, flags.first, flags.last, store.me, store.language, store.zone, store.tags]);
    out.push(cached(message.key, sign, () => bubble(message, chat.id, flags, deeds)));
  });
  const draft = store.drafts.get(chat.id);
  if (draft && draft.until > Date.now())
    out.push(cached('draft', JSON.stringify(draft), () => draftBubble(draft, chat, deeds)));
  return out;
}

function draftBubble(draft, chat, deeds) {
  const message = {
    key: 'draft',
    from: { id: store.bot.id, is_bot: true },
    date: now() / 1000,
    text: draft.text || '…',
    entities: draft.entities,
    reactions: [],
  };
  const node = bubble(message, chat.id, { first: true, last: true }, deeds);
  node.classList.add('draft');
  return node;
}

function cached(key, sign, make) {
  const known = drawn.get(key);
  if (known?.sign === sign) return known.node;
  const node = make(sign);
  if (!known && drawn.size && !key.startsWith('day')) node.classList.add('arriving');
  drawn.set(key, { sign, node });
  return node;
}

function description() {
  const code = (store.people.get(store.me)?.language ?? '').slice(0, 2);
  return store.descriptions[code] || store.descriptions[''];
}

function hint(chat) {
  if (isGroup(chat.id))
    return cached('hint', store.language, () =>
      el('div', { class: 'hint' }, el('b', {}, say('nothingYet')), el('p', {}, say('groupHint'))),
    );
  return cached('hint', `${store.language}${chat.started}${description()}`, () =>
    el(
      'div',
      { class: 'hint' },
      avatar(store.bot.id, 'large'),
      el('b', {}, say('what')),
      el('p', {}, description() || say('startNote')),
    ),
  );
}
