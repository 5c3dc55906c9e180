// Avatars and name colours, the same for the same person everywhere.

import { el, icon } from './dom.js';
import { isGroup, nameOf, store } from './store.js';

export const COLOURS = 7;
const ORDER = [0, 4, 3, 1, 6, 5, 2];

export function colourOf(id) {
  if (store.bot && id === store.bot.id) return 3;
  const place = [...store.people.keys()].indexOf(id);
  return place >= 0 ? ORDER[place % COLOURS] : Math.abs(id) % COLOURS;
}

export function initials(name) {
  const words = name
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  if (!words.length) return '?';
  const letters = /\p{Script=Han}/u.test(words[0])
    ? [[...words[0]].at(-1)]
    : words.slice(0, 2).map((word) => [...word][0]);
  return letters.join('').toUpperCase();
}

export function avatar(id, size = '') {
  const classes = `avatar ${size} colour-${colourOf(id)}`;
  if (store.bot && id === store.bot.id) return el('span', { class: `${classes} bot`, 'aria-hidden': 'true' });
  if (isGroup(id))
    return el(
      'span',
      { class: `avatar ${size} group`, 'aria-hidden': 'true' },
      icon('group', size === 'small' ? 18 : 26),
    );
  return el('span', { class: classes, 'aria-hidden': 'true' }, initials(nameOf(id)));
}
