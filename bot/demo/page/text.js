// Turns text and entities into page nodes: styles, links, commands, code to copy, spoilers, times.

import { el, icon } from './dom.js';
import { copy, toast } from './over.js';
import { store } from './store.js';
import { dateTime, fullTime } from './times.js';
import { say } from './words.js';

const BLOCKS = new Set(['pre', 'blockquote', 'expandable_blockquote']);
const SIMPLE = { bold: 'b', italic: 'i', underline: 'u', strikethrough: 's' };

// Entities nest properly, so each one takes the ones inside it as its children.
export function formatted(text, entities = [], deeds = {}) {
  return nodes(
    text,
    0,
    text.length,
    [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length),
    deeds,
  );
}

function nodes(text, begin, end, entities, deeds) {
  const out = [];
  let at = begin;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (from >= to) continue;
    if (from > at) out.push(text.slice(at, from));
    const inner = entities.slice(i + 1).filter((other) => other.offset < to);
    out.push(wrap(entity, text.slice(from, to), nodes(text, from, to, inner, deeds), deeds));
    at = to;
    // The line ends with the block; its line break would be an empty line.
    if (BLOCKS.has(entity.type) && at < end && text[at] === '\n') at += 1;
  }
  if (at < end) out.push(text.slice(at, end));
  return out;
}

function wrap(entity, words, children, deeds) {
  const { type } = entity;
  if (SIMPLE[type]) return el(SIMPLE[type], {}, children);
  if (type === 'code') return copyable('code', words);
  if (type === 'pre') return codeBlock(words, entity.language);
  if (type === 'spoiler') return spoiler(children);
  if (type === 'blockquote') return el('blockquote', {}, children);
  if (type === 'expandable_blockquote') return expandable(children);
  if (type === 'url') return link(words, children, deeds);
  if (type === 'text_link') return link(entity.url, children, deeds);
  if (type === 'email') return el('span', { class: 'link' }, children);
  if (type === 'bot_command')
    return el('a', { class: 'link', href: '#', on: { click: prevented(() => deeds.command?.(words)) } }, children);
  if (type === 'mention' || type === 'text_mention' || type === 'hashtag')
    return el('span', { class: 'link' }, children);
  if (type === 'date_time') return time(entity, words);
  return el('span', {}, children);
}

const prevented = (deed) => (event) => {
  event.preventDefault();
  event.stopPropagation();
  deed();
};

function copyable(tag, words) {
  return el(
    tag,
    { class: 'copyable', tabindex: '0', title: say('copy'), on: { click: prevented(() => copy(words)) } },
    words,
  );
}

export function codeBlock(words, language) {
  const button = el(
    'button',
    { class: 'code-copy', type: 'button', 'aria-label': say('copy'), on: { click: prevented(() => copy(words)) } },
    icon('copy', 15),
  );
  return el(
    'pre',
    { class: 'copyable', on: { click: prevented(() => copy(words)) } },
    el('span', { class: 'code-head' }, el('span', { text: language || '' }), button),
    el('code', {}, words),
  );
}

export function spoiler(children) {
  const node = el('span', { class: 'spoiler', tabindex: '0', role: 'button' }, el('span', {}, children));
  node.addEventListener('click', (event) => {
    if (node.classList.contains('shown')) return;
    event.stopPropagation();
    node.classList.add('shown');
  });
  return node;
}

function expandable(children) {
  const node = el('blockquote', { class: 'expandable' }, el('span', { class: 'clamped' }, children));
  node.addEventListener('click', () => node.classList.toggle('open'));
  return node;
}

// A link to the bot's own start works inside the page; others leave it in a new tab.
export function link(url, children, deeds = {}) {
  const start = startOf(url);
  if (start !== null)
    return el('a', { class: 'link', href: url, on: { click: prevented(() => deeds.start?.(start)) } }, children);
  const full = httpUrl(url);
  if (!full) return el('span', { class: 'link' }, children);
  return el('a', { class: 'link', href: full, target: '_blank', rel: 'noopener noreferrer' }, children);
}

// Only web addresses leave the page: a bot's link could also be javascript:.
export function httpUrl(url) {
  const full = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(url) ? url : `http://${url}`;
  return /^https?:/i.test(full) ? full : null;
}

export function startOf(url) {
  const match = /^(?:https?:\/\/)?(?:t|telegram)\.me\/(\w+)(?:\?start=([\w-]{0,64}))?$/i.exec(url);
  const deep = match ?? /^tg:\/\/resolve\?domain=(\w+)(?:&start=([\w-]{0,64}))?$/i.exec(url);
  return deep && deep[1].toLowerCase() === store.bot.username.toLowerCase() ? (deep[2] ?? '') : null;
}

export function time(entity, words) {
  const shape = entity.date_time_format ?? '';
  const shown = dateTime(entity.unix_time, shape) ?? words;
  const data = shape === 'r' ? { unix: entity.unix_time } : {};
  const full = () => toast(fullTime(entity.unix_time * 1000));
  return el('time', { class: 'tg-time', data, tabindex: '0', on: { click: prevented(full) } }, shown);
}

export function plain(message) {
  if (message.text || message.caption)
    return veiled(message.text || message.caption, message.entities ?? message.caption_entities ?? []).replace(
      /\s+/g,
      ' ',
    );
  if (message.rich_message) return richPlain(message.rich_message.blocks).replace(/\s+/g, ' ').trim();
  if (message.photo) return say('photo');
  if (message.document) return message.document.file_name || say('document');
  return '';
}

// A preview must not give a spoiler away.
export function veiled(text, entities) {
  let out = text;
  for (const { type, offset, length } of entities) {
    if (type === 'spoiler') out = out.slice(0, offset) + '▒'.repeat(length) + out.slice(offset + length);
  }
  return out;
}

export function richPlain(node) {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(richPlain).join(' ');
  if (!node || typeof node !== 'object') return '';
  return ['text', 'summary', 'cells', 'items', 'blocks']
    .map((key) => (key in node ? richPlain(node[key]) : ''))
    .join(' ');
}
