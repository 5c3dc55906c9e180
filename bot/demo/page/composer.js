// Where the visitor writes: the text field, the "/" menu, files, replies and edits.

import { arrange, el, icon, refresh } from './dom.js';
import { toast } from './over.js';
import { chatOf, isClosed, isGroup, nameOf, openTopic, store } from './store.js';
import { plain } from './text.js';
import { say } from './words.js';
import { act, upload } from './wire.js';

const drafts = new Map(); // person/chat -> text
let task = null; // {kind: 'reply' | 'edit', message}
let picked = 0;
let menuOpen = false;

const field = el('textarea', { rows: '1', id: 'field', autocomplete: 'off', enterkeyhint: 'send' });
const picker = el('input', { type: 'file', class: 'offscreen', tabindex: '-1', 'aria-hidden': 'true' });
const suggestions = el('div', { id: 'commands', role: 'listbox' });
const strip = el('div', { id: 'task' });
const bar = el('div', { id: 'bar' });
export const composer = el(
  'footer',
  { id: 'composer' },
  el('div', { class: 'composer-column' }, suggestions, el('div', { class: 'composer-box' }, strip, bar), picker),
);

const place = () => `${store.me}/${store.open}/${openTopic()}`;
const commands = () => store.menus[store.me]?.[store.open] ?? [];

export function setTask(kind, message) {
  task = kind ? { kind, message } : null;
  if (kind === 'edit') field.value = message.text;
  draw();
  field.focus();
  grow();
}

export function prefill(text) {
  field.value = text;
  drafts.set(place(), text);
  menuOpen = false;
  draw();
  grow();
  field.focus();
}

export function moved() {
  task = null;
  menuOpen = false;
  field.value = drafts.get(place()) ?? '';
  draw();
  grow();
}

// --- drawing --------------------------------------------------------------------------------------------------

export function draw() {
  const chat = chatOf(store.open);
  if (!chat) return;
  composer.hidden = false;
  strip.replaceChildren(...(task ? [taskStrip()] : []));
  if (!isGroup(store.open) && (!chat.started || chat.blocked)) {
    suggestions.replaceChildren();
    const label = chat.blocked ? say('restart') : say('start');
    refresh(bar, [el('button', { class: 'start', type: 'button', on: { click: begin } }, label)]);
    return;
  }
  if (isClosed(store.open, openTopic()) && !store.people.get(store.me)?.admin) {
    suggestions.replaceChildren();
    refresh(bar, [el('p', { class: 'closed-note' }, say('closedTopic'))]);
    return;
  }
  field.placeholder = say('message');
  field.setAttribute('aria-label', say('message'));
  arrange(bar, buttons());
  drawCommands();
}

let made = null;
function buttons() {
  const key = `${store.language}`;
  if (made?.key !== key) {
    const attach = el(
      'button',
      {
        class: 'round',
        type: 'button',
        id: 'attach',
        'aria-label': say('attach'),
        title: say('attach'),
        on: { click: () => picker.click() },
      },
      icon('clip'),
    );
    const slash = el(
      'button',
      {
        class: 'round',
        type: 'button',
        id: 'slash',
        'aria-label': say('commands'),
        title: say('commands'),
        on: { click: toggleMenu },
      },
      el('span', { class: 'slash-sign' }, '/'),
    );
    const send = el(
      'button',
      {
        class: 'round',
        type: 'button',
        id: 'send',
        'aria-label': say('send'),
        on: { click: submit, mousedown: (e) => e.preventDefault() },
      },
      icon('send'),
    );
    made = { key, attach, slash, send };
  }
  made.send.classList.toggle('ready', Boolean(field.value.trim()));
  made.slash.hidden = !commands().length;
  made.slash.classList.toggle('on', menuOpen);
  return [made.attach, field, made.slash, made.send];
}

function taskStrip() {
  const { kind, message } = task;
  const title = kind === 'edit' ? say('editing') : say('replyTo', { name: nameOf(message.from.id) });
  return el(
    'div',
    { class: 'task-strip' },
    icon(kind === 'edit' ? 'edit' : 'reply', 22),
    el('div', { class: 'quote-words' }, el('b', {}, title), el('span', {}, plain(message))),
    el(
      'button',
      {
        class: 'round',
        type: 'button',
        'aria-label': say('cancel'),
        on: {
          click: () => {
            if (kind === 'edit') field.value = '';
            setTask(null);
          },
        },
      },
      icon('close', 20),
    ),
  );
}

function matching() {
  const typed = /^\/(\w*)$/.exec(field.value);
  if (typed) return commands().filter((command) => command.command.startsWith(typed[1].toLowerCase()));
  return menuOpen ? commands() : [];
}

function drawCommands() {
  const found = matching();
  picked = Math.min(picked, Math.max(0, found.length - 1));
  const rows = found.map((command, index) =>
    el(
      'button',
      {
        type: 'button',
        role: 'option',
        class: 'command',
        'aria-selected': String(index === picked),
        on: { mousedown: (e) => e.preventDefault(), click: () => choose(command) },
      },
      el('b', {}, `/${command.command}`),
      el('span', {}, command.description),
      command.is_ephemeral ? icon('eye', 16) : null,
    ),
  );
  refresh(suggestions, rows);
  suggestions.classList.toggle('open', found.length > 0);
  suggestions.children[picked]?.scrollIntoView({ block: 'nearest' });
}

function grow() {
  field.style.height = 'auto';
  field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  made?.send.classList.toggle('ready', Boolean(field.value.trim()));
}

// --- deeds ----------------------------------------------------------------------------------------------------

const trouble = (error) => toast(say('notSent', { why: error.message }));

async function begin() {
  try {
    if (chatOf(store.open).blocked) await act('block', { blocked: false });
    else await act('start', {});
    field.focus();
  } catch (error) {
    trouble(error);
  }
}

export async function sendText(text) {
  const replyTo = task?.kind === 'reply' ? task.message.message_id : null;
  try {
    if (task?.kind === 'edit') await act('edit', { chat: store.open, message_id: task.message.message_id, text });
    else await act('say', { chat: store.open, topic: openTopic() || null, text, reply_to: replyTo });
    task = null;
    draw();
    return true;
  } catch (error) {
    trouble(error);
    return false;
  }
}

async function submit() {
  const text = field.value;
  if (!text.trim()) return;
  menuOpen = false;
  field.value = '';
  drafts.delete(place());
  grow();
  drawCommands();
  if (!(await sendText(text))) field.value = text;
  grow();
  field.focus();
}

function choose(command) {
  menuOpen = false;
  field.value = '';
  drafts.delete(place());
  picked = 0;
  sendText(isGroup(store.open) ? `/${command.command}@${store.bot.username}` : `/${command.command}`);
  draw();
  grow();
  field.focus();
}

function complete(command) {
  field.value = `/${command.command} `;
  menuOpen = false;
  draw();
  grow();
}

function toggleMenu() {
  menuOpen = !menuOpen;
  picked = 0;
  draw();
  field.focus();
}

export async function sendFiles(files) {
  for (const file of files) {
    try {
      await upload(store.open, file, '', task?.kind === 'reply' ? task.message.message_id : null);
    } catch (error) {
      trouble(error);
    }
  }
  setTask(null);
}

picker.addEventListener('change', () => {
  sendFiles([...picker.files]);
  picker.value = '';
});
field.addEventListener('input', () => {
  if (task?.kind !== 'edit') drafts.set(place(), field.value);
  menuOpen = false;
  grow();
  drawCommands();
});
field.addEventListener('paste', (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length) return;
  event.preventDefault();
  sendFiles(files);
});
field.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method is choosing characters
  const found = matching();
  if (found.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    picked = (picked + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
    drawCommands();
  } else if (found.length && event.key === 'Tab') {
    event.preventDefault();
    complete(found[picked]);
  } else if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    if (found.length && (menuOpen || field.value.length > 1)) choose(found[picked]);
    else submit();
  } else if (event.key === 'Escape' && (menuOpen || task)) {
    event.stopPropagation();
    menuOpen = false;
    setTask(null);
  }
});
