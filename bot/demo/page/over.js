// What lies over the page for a moment: toasts, alerts, menus, a picture to look at.

import { el, icon } from './dom.js';
import { say } from './words.js';

const over = document.getElementById('over');
let fading;

export function toast(text) {
  over.querySelector('.toast')?.remove();
  clearTimeout(fading);
  const node = el('div', { class: 'toast', role: 'status' }, text);
  over.append(node);
  fading = setTimeout(() => node.remove(), 2600 + Math.min(text.length * 35, 3500));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el('textarea', { class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(say('copied'));
}

function shade(name, ...children) {
  const before = document.activeElement;
  const node = el('div', { class: `shade ${name}` }, children);
  const close = () => {
    node.remove();
    document.removeEventListener('keydown', onKey, true);
    before?.focus?.();
  };
  const onKey = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  };
  node.addEventListener('click', (event) => {
    if (event.target === node) close();
  });
  document.addEventListener('keydown', onKey, true);
  over.append(node);
  return close;
}

export function alertBox(text, title) {
  const ok = el('button', { class: 'text-button', type: 'button', on: { click: () => close() } }, say('ok'));
  const box = el(
    'div',
    { class: 'box', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': title },
    el('h2', {}, title),
    el('p', {}, text),
    el('div', { class: 'box-buttons' }, ok),
  );
  const close = shade('alert', box);
  ok.focus();
}

export function lightbox(url, download, caption) {
  const image = el('img', { src: url, alt: caption || '' });
  image.addEventListener('click', () => image.classList.toggle('full'));
  const tools = el(
    'div',
    { class: 'lightbox-tools' },
    el('a', { class: 'round', href: download, download: '', 'aria-label': say('save') }, icon('save')),
    el(
      'button',
      { class: 'round', type: 'button', 'aria-label': say('cancel'), on: { click: () => close() } },
      icon('close'),
    ),
  );
  const close = shade(
    'lightbox',
    tools,
    el(
      'div',
      {
        class: 'stage',
        on: {
          click: (e) => {
            if (e.target === e.currentTarget) close();
          },
        },
      },
      image,
    ),
    caption ? el('p', { class: 'lightbox-caption' }, caption) : null,
  );
  tools.querySelector('button').focus();
}

// A menu at a point: entries are {label, icon, deed, danger} and, first, a row of emoji.
export function menu(x, y, entries, emoji = [], onEmoji = () => {}) {
  const pick = (deed) => () => {
    close();
    deed();
  };
  const box = el(
    'div',
    { class: 'menu', role: 'menu' },
    emoji.length
      ? el(
          'div',
          { class: 'emoji-row' },
          emoji.map((one) => el('button', { type: 'button', on: { click: pick(() => onEmoji(one)) } }, one)),
        )
      : null,
    entries.map((entry) =>
      el(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: entry.danger ? 'danger' : '',
          'aria-current': entry.current ? 'true' : null,
          on: { click: pick(entry.deed) },
        },
        entry.face ?? (entry.icon ? icon(entry.icon, 20) : null),
        el('span', { class: 'menu-label' }, entry.label, entry.note ? el('small', {}, entry.note) : null),
        entry.badge ? el('span', { class: 'badge' }, String(entry.badge)) : null,
      ),
    ),
  );
  const close = shade('menu-shade', box);
  const { offsetWidth: width, offsetHeight: height } = box; // not the rectangle, which is still growing
  box.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, y + height > innerHeight - 8 ? Math.max(8, y - height) : y)}px`;
  box.querySelector('[role=menuitem]')?.focus();
}
