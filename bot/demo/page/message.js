// One message: its bubble, reply, pictures, file, text, buttons and marks.

import { el, icon } from './dom.js';
import { avatar, colourOf } from './faces.js';
import { inlineKeyboard } from './keyboard.js';
import { lightbox } from './over.js';
import { richMessage } from './rich.js';
import { isGroup, isNote, nameOf, store, topicIn } from './store.js';
import { formatted, plain, veiled } from './text.js';
import { clock, fullTime } from './times.js';
import { say } from './words.js';
import { fileUrl } from './wire.js';

// `flags`: first and last of a run by one sender; `album`: the messages of one album, this one first.
export function bubble(message, chat, flags, deeds) {
  if (isNote(message)) return service(message, chat, deeds);
  const own = message.from.id === store.me;
  const group = isGroup(chat);
  const classes = [
    'message',
    own ? 'own' : 'theirs',
    flags.first && 'first',
    flags.last && 'last',
    message.receiver && 'whisper',
  ];
  const body = el(
    'div',
    { class: `bubble${bare(message) ? ' bare' : ''}${message.reply_markup ? ' keyed' : ''}` },
    message.receiver ? el('div', { class: 'whisper-note' }, icon('eye', 14), say('onlyYou')) : null,
    group && !own && flags.first ? sender(message) : null,
    reply(message, deeds),
    media(message, flags.album),
    file(message),
    words(message, chat, deeds),
    reactions(message, chat, deeds),
    meta(message, own),
  );
  const column = el('div', { class: 'column' }, body);
  const row = el(
    'div',
    { class: classes.filter(Boolean).join(' '), data: { key: message.key } },
    group && !own ? el('div', { class: 'face' }, flags.last ? avatar(message.from.id, 'small') : null) : null,
    column,
    inlineKeyboard(message, chat, deeds),
  );
  body.addEventListener('contextmenu', (event) => {
    if (!getSelection().toString()) {
      event.preventDefault();
      deeds.menu(message, event.clientX, event.clientY);
    }
  });
  holdFor(body, (x, y) => deeds.menu(message, x, y));
  column.append(
    el(
      'button',
      {
        class: 'hover-menu',
        type: 'button',
        'aria-label': say('more'),
        on: { click: (e) => deeds.menu(message, e.clientX, e.clientY) },
      },
      icon('more', 18),
    ),
  );
  return row;
}

const bare = (message) => message.photo && !message.caption;

function sender(message) {
  const tag = store.tags[message.from.id];
  const person = store.people.get(message.from.id);
  const role = tag ?? (person?.admin ? say('admin') : message.from.is_bot ? say('bot') : null);
  return el(
    'div',
    { class: `sender colour-${colourOf(message.from.id)}` },
    el('span', { class: 'sender-name' }, nameOf(message.from.id)),
    role ? el('span', { class: `role${tag ? ' tag' : ''}` }, role) : null,
  );
}

function reply(message, deeds) {
  const original = message.reply_to_message;
  if (!original) return null;
  const photo = original.photo ? el('img', { src: fileUrl(original.photo.at(-1).file_id), alt: '' }) : null;
  return el(
    'button',
    {
      type: 'button',
      class: `quote colour-${colourOf(original.from.id)}`,
      on: {
        click: (e) => {
          e.stopPropagation();
          deeds.jump(message.reply_key);
        },
      },
    },
    photo,
    el(
      'span',
      { class: 'quote-words' },
      el('b', {}, nameOf(original.from.id)),
      el('span', {}, message.quote?.text ?? plain(original)),
    ),
  );
}

function media(message, album = [message]) {
  if (!message.photo) return null;
  const many = album.length > 1;
  return el(
    'div',
    { class: `photos${many ? ` many count-${Math.min(album.length, 4)}` : ''}${message.caption ? ' captioned' : ''}` },
    album.map((one) => picture(one, many)),
  );
}

function picture(message, many) {
  const photo = message.photo.at(-1);
  const url = fileUrl(photo.file_id);
  const image = el('img', {
    src: url,
    width: photo.width,
    height: photo.height,
    alt: plain(message),
    loading: 'lazy',
    draggable: 'false',
  });
  const show = (event) => {
    event.stopPropagation();
    if (node.classList.contains('hidden')) node.classList.remove('hidden');
    else
      lightbox(
        url,
        fileUrl(photo.file_id, true),
        message.caption && veiled(message.caption, message.caption_entities ?? []),
      );
  };
  const node = el(
    'button',
    { type: 'button', class: `photo${message.has_media_spoiler ? ' hidden' : ''}`, on: { click: show } },
    image,
  );
  if (!many) {
    const width = Math.max(140, Math.min(420, photo.width, 440 * (photo.width / photo.height)));
    node.style.width = `${width}px`;
    node.style.aspectRatio = `${photo.width} / ${photo.height}`;
  }
  return node;
}

const UNITS = ['B', 'KB', 'MB', 'GB'];

function size(bytes) {
  const step = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** step).toFixed(step ? 1 : 0)} ${UNITS[step]}`;
}

function file(message) {
  const document = message.document;
  if (!document) return null;
  const name = document.file_name || say('document');
  const ending = name.includes('.') ? name.split('.').at(-1).slice(0, 4) : '';
  return el(
    'a',
    { class: 'file', href: fileUrl(document.file_id, true), download: name },
    el('span', { class: 'file-sign' }, icon('save', 22), el('span', { class: 'file-ending' }, ending)),
    el('span', { class: 'file-words' }, el('b', {}, name), el('span', {}, size(document.file_size))),
  );
}

function words(message, chat, deeds) {
  if (message.rich_message) return richMessage(message, chat, deeds);
  const text = message.text ?? message.caption;
  if (!text) return null;
  const inner = el(
    'div',
    { class: `words${bigEmoji(text) ? ' big' : ''}${endsInBlock(text, message) ? ' blocked' : ''}`, dir: 'auto' },
    formatted(text, message.entities ?? message.caption_entities, deeds),
  );
  return inner;
}

const BLOCKS = ['pre', 'blockquote', 'expandable_blockquote'];
const endsInBlock = (text, message) =>
  (message.entities ?? message.caption_entities ?? []).some(
    (e) => BLOCKS.includes(e.type) && e.offset + e.length === text.length,
  );
const bigEmoji = (text) => /^(\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\u200d\ufe0f]*){1,3}$/u.test(text);

function reactions(message, chat, deeds) {
  if (!message.reactions.length) return null;
  const counted = new Map();
  for (const { user, emoji } of message.reactions) counted.set(emoji, [...(counted.get(emoji) ?? []), user]);
  return el(
    'div',
    { class: 'reactions' },
    [...counted].map(([emoji, users]) =>
      el(
        'button',
        {
          type: 'button',
          class: users.includes(store.me) ? 'mine' : '',
          title: users.map(nameOf).join(', '),
          on: {
            click: (e) => {
              e.stopPropagation();
              deeds.react(message, users.includes(store.me) ? null : emoji);
            },
          },
        },
        el('span', { class: 'reaction-emoji' }, emoji),
        users.length < 4 ? users.map((id) => avatar(id, 'tiny')) : String(users.length),
      ),
    ),
  );
}

function meta(message, own) {
  const at = message.date * 1000;
  return el(
    'span',
    { class: 'meta', title: fullTime((message.edit_date ?? message.date) * 1000) },
    message.silent ? icon('mute', 13) : null,
    message.edit_date ? el('i', {}, say('edited')) : null,
    el('span', {}, clock(at)),
    own ? icon('checks', 17) : null,
  );
}

function service(message, chat, deeds) {
  const pinned = message.pinned_message;
  const target = pinned ? String(pinned.message_id) : message.key;
  return el(
    'div',
    { class: 'service', data: { key: message.key } },
    el('button', { type: 'button', on: { click: () => deeds.jump(target) } }, noteWords(message, chat)),
  );
}

export function noteWords(message, chat, most = 40) {
  const name = nameOf(message.from.id);
  const pinned = message.pinned_message;
  if (pinned) return say('pinned', { name, what: shortened(plain(pinned), most) || say('aMessage') });
  const topic = message.forum_topic_created?.name ?? topicIn(chat, message.topic)?.name ?? '';
  if (message.forum_topic_created) return say('topicBegun', { name, topic });
  return say(message.forum_topic_closed ? 'topicShut' : 'topicOpened', { name, topic });
}

function shortened(text, most) {
  const letters = [...text]; // an emoji is not cut in half
  return letters.length > most ? `${letters.slice(0, most).join('').trimEnd()}…` : text;
}

// A long press opens the menu where there is no right button.
function holdFor(node, deed) {
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
  };
  node.addEventListener(
    'touchstart',
    (event) => {
      const { clientX, clientY } = event.touches[0];
      timer = setTimeout(() => deed(clientX, clientY), 480);
    },
    { passive: true },
  );
  for (const name of ['touchend', 'touchmove', 'touchcancel']) node.addEventListener(name, stop, { passive: true });
}
