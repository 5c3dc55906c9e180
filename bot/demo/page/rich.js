// Rich messages: headings, tables, lists, folds and buttons, as Bot API 10.1 and later send them.

import { el } from './dom.js';
import { keyButton } from './keyboard.js';
import { lightbox } from './over.js';
import { codeBlock, link, richPlain, spoiler, time } from './text.js';
import { fileUrl } from './wire.js';

const INLINE = {
  bold: 'b',
  italic: 'i',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
  marked: 'mark',
  subscript: 'sub',
  superscript: 'sup',
};

export function richMessage(message, chat, deeds) {
  const place = { message, chat, deeds };
  return el(
    'div',
    { class: 'rich', dir: 'auto' },
    message.rich_message.blocks.map((block) => richBlock(block, place)),
  );
}

function inline(text, place) {
  if (text === undefined || text === null) return [];
  if (typeof text === 'string') return [text];
  if (Array.isArray(text)) return text.flatMap((part) => inline(part, place));
  const children = inline(text.text, place);
  if (INLINE[text.type]) return [el(INLINE[text.type], {}, children)];
  if (text.type === 'spoiler') return [spoiler(children)];
  if (text.type === 'url') return [link(text.url, children, place.deeds)];
  if (text.type === 'date_time') return [time(text, richPlain(text.text))];
  if (text.type === 'button') return [button(text.button, place, 'inline-key')];
  if (text.type === 'bot_command')
    return [
      el(
        'a',
        {
          class: 'link',
          href: '#',
          on: {
            click: (e) => {
              e.preventDefault();
              place.deeds.command(richPlain(text));
            },
          },
        },
        children,
      ),
    ];
  return [el('span', {}, children)];
}

function button(data, place, extra = '') {
  const node = keyButton(
    { ...data, text: richPlain(data.text) },
    place.message,
    place.chat,
    place.deeds,
    el('span', {}, inline(data.text, place)),
  );
  node.classList.add('rich-key', ...(extra ? [extra] : []));
  return node;
}

const BLOCKS = {
  paragraph: (b, p) => el('p', {}, inline(b.text, p)),
  heading: (b, p) => el(`h${Math.min(6, Math.max(1, b.size))}`, {}, inline(b.text, p)),
  pre: (b) => codeBlock(richPlain(b.text), b.language),
  footer: (b, p) => el('footer', {}, inline(b.text, p)),
  divider: () => el('hr'),
  blockquote: (b, p) =>
    el('blockquote', {}, blocks(b.blocks, p), b.credit ? el('cite', {}, inline(b.credit, p)) : null),
  list: (b, p) =>
    el(
      'ul',
      { class: 'rich-list' },
      b.items.map((item) =>
        el(
          'li',
          {},
          el('span', { class: 'label' }, item.has_checkbox ? (item.is_checked ? '☑' : '☐') : item.label),
          el('div', {}, blocks(item.blocks, p)),
        ),
      ),
    ),
  table,
  details: (b, p) =>
    el('details', { open: b.is_open || null }, el('summary', {}, inline(b.summary, p)), blocks(b.blocks, p)),
  buttons: (b, p) =>
    el(
      'div',
      { class: `rich-buttons ${b.align ?? 'center'}` },
      b.buttons.map((one) => button(one, p)),
    ),
  photo,
};

const blocks = (list, place) => list.map((block) => richBlock(block, place));
const richBlock = (block, place) => (BLOCKS[block.type] ?? BLOCKS.paragraph)(block, place);

function table(block, place) {
  const classes = ['is_bordered', 'is_striped', 'is_compact']
    .filter((name) => block[name])
    .map((name) => name.slice(3));
  const rows = block.cells.map((row) =>
    el(
      'tr',
      {},
      row.map((cell) => {
        const node = el(
          cell.is_header ? 'th' : 'td',
          { colspan: cell.colspan, rowspan: cell.rowspan },
          inline(cell.text, place),
        );
        node.style.textAlign = cell.align;
        node.style.verticalAlign = cell.valign;
        return node;
      }),
    ),
  );
  return el(
    'div',
    { class: 'table-frame' },
    el(
      'table',
      { class: classes.join(' ') },
      block.caption ? el('caption', {}, inline(block.caption, place)) : null,
      el('tbody', {}, rows),
    ),
  );
}

function photo(block) {
  const best = block.photo.at(-1);
  const url = fileUrl(best.file_id);
  return el(
    'figure',
    {},
    el(
      'button',
      { type: 'button', class: 'photo', on: { click: () => lightbox(url, fileUrl(best.file_id, true), '') } },
      el('img', { src: url, width: best.width, height: best.height, alt: '' }),
    ),
    block.caption ? el('figcaption', {}, richPlain(block.caption.text)) : null,
  );
}
