// The left column: who the visitor is, their chats, and how the page looks.

import { el, icon, refresh } from './dom.js';
import { prefill } from './composer.js';
import { avatar } from './faces.js';
import { menu } from './over.js';
import { noteWords } from './message.js';
import { chatOf, go, isGroup, isNote, nameOf, set, store, unread, visible } from './store.js';
import { segments, switches } from './switches.js';
import { plain } from './text.js';
import { demoClock, listTime, zones } from './times.js';
import { say } from './words.js';
import { act } from './wire.js';

const root = document.getElementById('side');

export function draw() {
  if (!store.ready) return;
  const rows = [chatRow(store.group), chatRow(store.me)].filter(Boolean);
  const title = el('h2', { class: 'side-title' }, say('chats'));
  refresh(root, [top(), people(), language(), title, el('nav', { class: 'chats' }, rows), hints(), switches()]);
  drawBanner();
  const count = unread(store.me, store.group) + unread(store.me, store.me);
  document.title = `${count ? `(${count}) ` : ''}${store.bot.first_name} · ${say('bannerShort')}`;
}

export function drawBanner() {
  const banner = document.getElementById('banner');
  const speed = store.speed !== 1 ? ` · ${say('speed', { n: store.speed })}` : '';
  banner.replaceChildren(
    el('span', { class: 'long' }, say('banner')),
    el('span', { class: 'short' }, say('bannerShort')),
    el('span', { class: 'demo-clock' }, icon('clock', 13), `${demoClock()}${speed}`),
  );
}

function top() {
  const light = store.theme === 'light';
  return el(
    'div',
    { class: 'side-top' },
    el(
      'div',
      { class: 'brand' },
      el('img', { src: '/page/icon.svg', alt: '', width: 34, height: 34 }),
      el('b', {}, store.bot.first_name),
    ),
    el(
      'button',
      {
        class: 'chip',
        type: 'button',
        id: 'page-language',
        on: { click: () => set('language', store.language === 'zh' ? 'en' : 'zh') },
      },
      icon('globe', 17),
      say('pageLanguage'),
    ),
    el(
      'button',
      {
        class: 'round',
        type: 'button',
        id: 'zone',
        title: `${say('zone')} ${store.zone || say('here')}`,
        'aria-label': say('zone'),
        on: { click: zoneMenu },
      },
      icon('clock', 21),
    ),
    el(
      'button',
      {
        class: 'round',
        type: 'button',
        id: 'theme',
        title: say('theme'),
        'aria-label': say('theme'),
        on: { click: () => set('theme', light ? 'dark' : 'light') },
      },
      icon(light ? 'moon' : 'sun', 21),
    ),
  );
}

function zoneMenu(event) {
  const box = event.currentTarget.getBoundingClientRect();
  menu(
    box.left - 120,
    box.bottom + 6,
    zones().map((zone) => ({
      label: zone || say('here'),
      note: zone && zone === store.labZone ? say('labTime') : null,
      current: store.zone === zone,
      deed: () => set('zone', zone),
    })),
  );
}

function people() {
  const me = store.people.get(store.me);
  const note = me?.note !== 'admin' ? me?.note : null;
  return el(
    'div',
    { class: 'people', role: 'radiogroup', 'aria-label': say('youAre') },
    el('h2', { class: 'side-title' }, say('youAre')),
    el(
      'div',
      { class: 'people-row' },
      [...store.people.values()].map((person) => {
        const count = unread(person.id, store.group) + unread(person.id, person.id);
        const mine = person.id === store.me;
        return el(
          'button',
          {
            class: 'person',
            type: 'button',
            role: 'radio',
            'aria-checked': String(mine),
            data: { person: person.id },
            title: person.note,
            on: {
              click: () => go(person.id, store.open === null ? null : isGroup(store.open) ? store.group : person.id),
            },
          },
          el(
            'span',
            { class: 'person-face' },
            avatar(person.id),
            !mine && count ? el('span', { class: 'badge' }, String(count)) : null,
          ),
          el('span', { class: 'person-name' }, person.name),
          el('small', {}, person.admin ? say('admin') : person.username ? `@${person.username}` : ''),
        );
      }),
    ),
    note ? el('p', { class: 'person-note' }, note) : null,
  );
}

const LANGUAGES = [
  ['zh-hans', '中文'],
  ['en', 'English'],
];

function language() {
  const person = store.people.get(store.me);
  if (!person) return null;
  const spoken = LANGUAGES.find(([code]) => code.slice(0, 2) === (person.language ?? 'en').slice(0, 2))?.[0];
  return el(
    'div',
    { class: 'app-language' },
    el('span', {}, say('appLanguage')),
    segments(LANGUAGES, spoken, (code) => act('language', { language: code })),
  );
}

function hints() {
  if (!store.hints.length) return null;
  return el(
    'div',
    { class: 'hints' },
    el('h2', { class: 'side-title' }, say('tryThis')),
    store.hints.map((hint) => {
      const where = hint.in_group ? say('inGroup') : say('toBot');
      const take = () => {
        go(hint.persona_id, hint.in_group ? store.group : hint.persona_id);
        prefill(hint.text);
      };
      return el(
        'button',
        { class: 'hint-row', type: 'button', on: { click: take } },
        avatar(hint.persona_id, 'small'),
        el(
          'span',
          { class: 'hint-words' },
          el('b', {}, hint.text),
          el('small', {}, store.language === 'zh' ? hint.zh : hint.en),
        ),
        el('span', { class: 'where' }, where),
      );
    }),
  );
}

function chatRow(id) {
  const chat = chatOf(id);
  if (!chat) return null;
  const group = isGroup(id);
  const last = visible(id).at(-1);
  const count = unread(store.me, id);
  const title = group ? chat.title : store.bot.first_name;
  const typing = (store.typing.get(id)?.until ?? 0) > Date.now();
  return el(
    'button',
    {
      class: `chat-row${store.open === id ? ' open' : ''}`,
      type: 'button',
      data: { chat: id },
      on: { click: () => go(store.me, id) },
    },
    avatar(group ? id : store.bot.id),
    el(
      'span',
      { class: 'chat-words' },
      el('span', { class: 'chat-line' }, el('b', {}, title), last ? el('time', {}, listTime(last.date * 1000)) : null),
      el(
        'span',
        { class: 'chat-line' },
        typing ? el('span', { class: 'preview typing' }, `${say('typing')}…`) : preview(last, group, chat),
        count ? el('span', { class: 'badge' }, String(count)) : chat.pins.length ? icon('pin', 16) : null,
      ),
    ),
  );
}

function preview(last, group, chat) {
  if (!last)
    return el(
      'span',
      { class: 'preview' },
      group ? say('nothingYet') : chat.started ? say('nothingYet') : say('start'),
    );
  if (isNote(last)) return el('span', { class: 'preview' }, noteWords(last, chat.id, 30));
  const who = last.from.id === store.me ? say('you') : group ? nameOf(last.from.id) : null;
  return el(
    'span',
    { class: 'preview' },
    who ? el('span', { class: 'who' }, `${who}: `) : null,
    last.photo ? el('img', { src: `/page/file/${last.photo.at(-1).file_id}`, alt: '' }) : null,
    plain(last),
  );
}
