// Inline keyboards: colours, links, copying, and waiting for the bot's answer.

import { el, icon } from './dom.js';
import { alertBox, copy, toast } from './over.js';
import { store, watch } from './store.js';
import { httpUrl, startOf } from './text.js';
import { say } from './words.js';
import { act } from './wire.js';

const waiting = new Map(); // query id -> {done, timer}
const early = new Map(); // answers that overtook the reply to the press

export function inlineKeyboard(message, chat, deeds) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el(
    'div',
    { class: 'keyboard' },
    rows.map((row) =>
      el(
        'div',
        { class: 'keyboard-row' },
        row.map((button) => keyButton(button, message, chat, deeds)),
      ),
    ),
  );
}

export function keyButton(button, message, chat, deeds, label = null) {
  const corner = button.url ? 'link' : button.copy_text ? 'copy' : null;
  const node = el(
    'button',
    {
      type: 'button',
      class: `key ${button.style ?? ''}`,
      disabled: 'disabled' in button,
      data: { label: button.text },
    },
    label ?? el('span', {}, button.text),
    corner ? icon(corner, 12) : null,
  );
  node.addEventListener('click', (event) => {
    event.stopPropagation();
    pressed(node, button, message, chat, deeds);
  });
  return node;
}

async function pressed(node, button, message, chat, deeds) {
  if (button.copy_text) return copy(button.copy_text.text);
  if (button.url) {
    const start = startOf(button.url);
    if (start !== null) return deeds.start(start);
    const url = httpUrl(button.url);
    return url ? window.open(url, '_blank', 'noopener,noreferrer') : undefined;
  }
  if (!button.callback_data || node.classList.contains('waiting')) return undefined;
  node.classList.add('waiting');
  try {
    const { query } = await act('press', { chat, key: message.key, data: button.callback_data });
    wait(query, node);
  } catch (error) {
    node.classList.remove('waiting');
    toast(say('notSent', { why: error.message }));
  }
  return undefined;
}

function wait(query, node) {
  const done = () => node.classList.remove('waiting');
  if (early.has(query)) {
    done();
    early.delete(query);
    return;
  }
  waiting.set(query, {
    done,
    timer: setTimeout(() => {
      waiting.delete(query);
      done();
      toast(say('noAnswer'));
    }, 15000),
  });
}

watch(({ answer }) => {
  if (!answer) return;
  const entry = waiting.get(answer.query);
  if (entry) {
    clearTimeout(entry.timer);
    entry.done();
    waiting.delete(answer.query);
  } else early.set(answer.query, true);
  if (answer.person !== store.me || !answer.text) return;
  if (answer.show_alert) alertBox(answer.text, store.bot.first_name);
  else toast(answer.text);
});
