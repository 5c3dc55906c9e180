// The open chat: its head, the pinned message, the messages in order, and what can be done with one.

import { arrange, el, icon, refresh } from './dom.js';
import { composer, draw as drawComposer, moved as composerMoved, sendFiles, sendText, setTask } from './composer.js';
import { avatar } from './faces.js';
import { forget, items } from './history.js';
import { copy, menu, toast } from './over.js';
import {
  changed,
  chatOf,
  go,
  isGroup,
  lastRead,
  markRead,
  nameOf,
  openTopic,
  store,
  topicOf,
  unread,
} from './store.js';
import { plain } from './text.js';
import { draw as drawTopics, tabs } from './topics.js';
import { say } from './words.js';
import { act } from './wire.js';

const root = document.getElementById('chat');
const head = el('header', { id: 'head' });
const pins = el('div', { id: 'pins' });
const list = el('div', { id: 'messages', class: 'messages-column' });
const scroller = el('div', { id: 'scroller', tabindex: '-1' }, list);
const jumpButton = el(
  'button',
  { id: 'jump', class: 'round', type: 'button', on: { click: () => toBottom(true) } },
  icon('down'),
  el('span', { class: 'badge' }),
);
const empty = el('div', { id: 'no-chat' }, el('span'));
root.append(
  el('div', { class: 'wallpaper' }),
  empty,
  head,
  tabs,
  pins,
  el('div', { id: 'stage' }, scroller, jumpButton),
  composer,
);

let stuck = true;
let marker = null; // where "unread messages" stands while the chat is open
const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;

const deeds = {
  command: (text) => sendText(text),
  async start(payload) {
    go(store.me, store.me);
    try {
      await act('start', { payload });
    } catch (error) {
      toast(say('notSent', { why: error.message }));
    }
  },
  jump(key) {
    const there = chatOf(store.open)?.messages.get(key);
    const topic = there ? topicOf(store.open, there) : openTopic();
    if (topic !== openTopic()) go(store.me, store.open, topic);
    const node = list.querySelector(`[data-key="${CSS.escape(key ?? '')}"]`);
    if (!node) return;
    centre(node, 'smooth');
    node.classList.remove('flash');
    void node.offsetWidth; // begins the animation anew
    node.classList.add('flash');
  },
  react: (message, emoji) =>
    act('react', { chat: store.open, message_id: message.message_id, emoji }).catch((e) => toast(e.message)),
  menu(message, x, y) {
    const own = message.from.id === store.me;
    const entries = [
      !message.receiver && { label: say('reply'), icon: 'reply', deed: () => setTask('reply', message) },
      { label: say('copy'), icon: 'copy', deed: () => copy(message.text ?? message.caption ?? plain(message)) },
      own &&
        message.text &&
        !message.receiver && { label: say('edit'), icon: 'edit', deed: () => setTask('edit', message) },
      (own || !isGroup(store.open) || store.people.get(store.me)?.admin) && {
        label: say('remove'),
        icon: 'trash',
        danger: true,
        deed: () => act('delete', { chat: store.open, key: message.key }),
      },
    ].filter(Boolean);
    menu(x, y, entries, message.receiver ? [] : ['👍', '👌', '👀', '❤', '🎉', '🤔'], (emoji) =>
      deeds.react(message, emoji),
    );
  },
};

export function draw({ moved = false, fresh = null } = {}) {
  const chat = chatOf(store.open);
  root.classList.toggle('closed', !chat);
  document.body.classList.toggle('in-chat', Boolean(chat));
  empty.firstChild.textContent = say('welcome');
  if (!chat) return;
  const stick = moved || stuck || fresh?.from.id === store.me;
  if (moved) {
    forget();
    marker = unread(store.me, store.open, openTopic()) ? lastRead(store.me, store.open) : null;
    composerMoved();
  }
  drawHead(chat);
  drawTopics(chat);
  drawPins(chat);
  arrange(list, items(chat, marker, deeds));
  drawComposer();
  const line = moved && marker !== null && list.querySelector('.unread-line');
  if (line && line.offsetTop < list.offsetHeight - scroller.clientHeight) centre(line, 'instant');
  else if (stick) toBottom(!moved && Boolean(fresh));
  look();
}

// What is on the screen counts as read.
export function look() {
  if (store.open && document.visibilityState === 'visible' && atBottom() && markRead(store.me, store.open)) {
    drawTopics(chatOf(store.open));
    changed({ read: true });
  }
  const count = store.open ? unread(store.me, store.open, openTopic()) : 0;
  jumpButton.classList.toggle('shown', !atBottom());
  jumpButton.lastChild.textContent = count || '';
  jumpButton.setAttribute('aria-label', say('jump'));
}

// Only the list scrolls: scrollIntoView would move the page around it too.
function centre(node, behavior) {
  stuck = false;
  scroller.scrollTo({ top: node.offsetTop - (scroller.clientHeight - node.offsetHeight) / 2, behavior });
}

function toBottom(smooth) {
  stuck = true;
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
}

function drawHead(chat) {
  const group = isGroup(chat.id);
  const id = group ? chat.id : store.bot.id;
  const title = group ? chat.title : store.bot.first_name;
  const typing = drawTyping(chat.id);
  const about = group ? say('members', { n: store.people.size + 1 }) : say('bot');
  const line = !store.online ? say('offline') : about;
  refresh(head, [
    el(
      'button',
      { class: 'round back', type: 'button', 'aria-label': say('back'), on: { click: () => go(store.me, null) } },
      icon('back'),
    ),
    avatar(id),
    el('div', { class: 'head-words' }, el('h1', {}, title), typing ?? el('p', {}, line)),
    group || !chat.started || chat.blocked ? null : moreButton(),
    personButton(),
  ]);
}

function moreButton() {
  const block = { label: say('block'), icon: 'ban', danger: true, deed: () => act('block', { blocked: true }) };
  const open = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    menu(box.right - 190, box.bottom + 6, [block]);
  };
  return el(
    'button',
    { class: 'round', type: 'button', 'aria-label': say('more'), title: say('more'), on: { click: open } },
    icon('more'),
  );
}

function drawTyping(chatId) {
  const typing = store.typing.get(chatId);
  if (!typing || typing.until < Date.now() || typing.topic !== openTopic() || !store.online) return null;
  const known = ['upload_photo', 'upload_document'].includes(typing.action) ? typing.action : 'typing';
  const words = isGroup(chatId) && known === 'typing' ? say('isTyping', { name: store.bot.first_name }) : say(known);
  return el('p', { class: 'typing' }, el('span', { class: 'dots' }, el('i'), el('i'), el('i')), words);
}

function personButton() {
  const open = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    menu(
      box.right,
      box.bottom + 6,
      [...store.people.values()].map((person) => ({
        label: person.name,
        note: [person.admin && say('admin'), person.note].filter(Boolean).join(' · '),
        face: avatar(person.id, 'small'),
        current: person.id === store.me,
        badge: unread(person.id, store.group) + unread(person.id, person.id),
        deed: () => go(person.id, isGroup(store.open) ? store.group : person.id),
      })),
    );
  };
  return el(
    'button',
    {
      class: 'person-button',
      type: 'button',
      title: say('switchPerson'),
      'aria-label': say('switchPerson'),
      on: { click: open },
    },
    el('span', { class: 'person-words' }, el('small', {}, say('youAre')), el('b', {}, nameOf(store.me))),
    avatar(store.me, 'small'),
    icon('down', 16),
  );
}

function drawPins(chat) {
  const known = chat.pins.map((key) => chat.messages.get(key)).filter(Boolean);
  const found = known.filter((message) => topicOf(chat.id, message) === openTopic());
  pins.hidden = !found.length;
  if (!found.length) return;
  const latest = found.at(-1);
  const photo = latest.photo ? el('img', { src: `/page/file/${latest.photo.at(-1).file_id}`, alt: '' }) : null;
  refresh(pins, [
    el(
      'button',
      { type: 'button', data: { pinned: latest.key }, on: { click: () => deeds.jump(latest.key) } },
      photo,
      el('span', { class: 'quote-words' }, el('b', {}, say('pinnedMessage')), el('span', {}, plain(latest))),
      icon('pin', 20),
    ),
  ]);
}

scroller.addEventListener('scroll', look, { passive: true });
document.addEventListener('visibilitychange', look);
new ResizeObserver(() => {
  if (stuck) toBottom(false);
}).observe(list);
// The list follows new messages until somebody scrolls up.
let lastTop = 0;
scroller.addEventListener(
  'scroll',
  () => {
    if (atBottom()) stuck = true;
    else if (scroller.scrollTop < lastTop - 2) stuck = false;
    lastTop = scroller.scrollTop;
  },
  { passive: true },
);
// A day that floats over the messages below it shows while one scrolls, as in Telegram's apps.
let resting = null;
scroller.addEventListener(
  'scroll',
  () => {
    list.classList.add('scrolling');
    clearTimeout(resting);
    resting = setTimeout(() => list.classList.remove('scrolling'), 900);
    for (const day of list.querySelectorAll('.day')) {
      const below = day.nextElementSibling;
      day.classList.toggle('floating', Boolean(below) && day.offsetTop + day.offsetHeight > below.offsetTop + 2);
    }
  },
  { passive: true },
);
root.addEventListener('dragover', (event) => event.preventDefault());
root.addEventListener('drop', (event) => {
  event.preventDefault();
  if (store.open && event.dataTransfer.files.length) sendFiles([...event.dataTransfer.files]);
});
