// Rich text blocks, and the small part of Markdown that a markdown block brings.

import { h } from './dom.js';
import { emoji, withEmoji } from './emoji.js';
import { channelLink, groupMention, link, mention, mrkdwn } from './mrkdwn.js';

/** A rich_text block as nodes. */
export const richText = (block) => nested(block?.elements || []);

function nested(elements) {
  const out = [];
  const levels = [];
  for (const element of elements) {
    if (element.type !== 'rich_text_list') {
      levels.length = 0;
      out.push(section(element));
      continue;
    }
    const list = listOf(element);
    const depth = element.indent || 0;
    const parent = depth > 0 && levels[depth - 1]?.lastElementChild;
    parent ? parent.append(list) : out.push(list);
    levels.length = depth;
    levels[depth] = list;
  }
  return out;
}

function listOf(element) {
  const tag = element.style === 'ordered' ? 'ol' : 'ul';
  const start = element.offset ? element.offset + 1 : undefined;
  return h(
    tag,
    { start },
    element.elements.map((item) => h('li', null, runs(item.elements))),
  );
}

function section(element) {
  if (element.type === 'rich_text_preformatted') {
    return h(
      'pre',
      null,
      element.elements.map((part) => part.text ?? part.url ?? ''),
    );
  }
  if (element.type === 'rich_text_quote') return h('blockquote', null, runs(element.elements));
  return h('div.rich-line', null, runs(element.elements));
}

const runs = (elements = []) => elements.map(run);

function run(element) {
  switch (element.type) {
    case 'text':
      return styled(element.style?.code ? [element.text] : broken(element.text), element.style);
    case 'link':
      return styled([link(element.url, element.text)], element.style);
    case 'user':
      return mention(element.user_id);
    case 'usergroup':
      return groupMention(element.usergroup_id);
    case 'channel':
      return channelLink(element.channel_id);
    case 'broadcast':
      return h('span.mention.mention-me', null, `@${element.range}`);
    case 'emoji':
      return emoji(element.name) || `:${element.name}:`;
    case 'date':
      return mrkdwn(`<!date^${element.timestamp}^${element.format}|${element.fallback || ''}>`);
    case 'color':
      return h('code', null, element.value);
    default:
      return element.text ?? '';
  }
}

const broken = (text = '') => text.split('\n').flatMap((line, at) => [at ? h('br') : '', ...withEmoji(line)]);

function styled(nodes, style = {}) {
  const tags = [
    ['code', style.code],
    ['strong', style.bold],
    ['em', style.italic],
    ['del', style.strike],
    ['u', style.underline],
  ];
  return tags.filter(([, on]) => on).reduce((inner, [tag]) => [h(tag, null, inner)], nodes);
}

const INLINE =
  /`([^`\n]+)`|\[([^\]\n]*)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|<(https?:[^>\s]+)>/g;

function prose(text) {
  const out = [];
  let end = 0;
  for (const m of text.matchAll(INLINE)) {
    out.push(...withEmoji(text.slice(end, m.index)), proseToken(m));
    end = m.index + m[0].length;
  }
  return [...out, ...withEmoji(text.slice(end))];
}

function proseToken([, code, label, url, bold, bolder, strike, italic, slanted, bare]) {
  if (code) return h('code', null, code);
  if (url) return link(url, label);
  if (bare) return link(bare);
  if (bold || bolder) return h('strong', null, prose(bold || bolder));
  if (strike) return h('del', null, prose(strike));
  return h('em', null, prose(italic || slanted));
}

const FENCE = /^```/;
const STARTS = [
  [/^(#{1,6})\s+(.*)/, (m) => h(`h${Math.min(m[1].length + 2, 6)}`, null, prose(m[2]))],
  [/^(?:---+|\*\*\*+)\s*$/, () => h('hr')],
];
const GROUPS = [
  [/^\s*[-*+]\s+(.*)/, 'ul', (text) => h('li', null, prose(text))],
  [/^\s*\d+[.)]\s+(.*)/, 'ol', (text) => h('li', null, prose(text))],
  [/^>\s?(.*)/, 'blockquote', (text) => h('div', null, prose(text))],
  [
    /^\|(.*)\|\s*$/,
    'table',
    (text) =>
      /^[\s|:-]+$/.test(text)
        ? null
        : h(
            'tr',
            null,
            text.split('|').map((cell) => h('td', null, prose(cell.trim()))),
          ),
  ],
];

/** Basic Markdown as nodes: headings, lists, quotes, fences, tables, links and emphasis. */
export function markdown(text) {
  const out = [];
  const rows = String(text).split('\n');
  for (let at = 0; at < rows.length; at += 1) {
    if (FENCE.test(rows[at])) {
      const close = rows.findIndex((row, i) => i > at && FENCE.test(row));
      const end = close < 0 ? rows.length : close;
      out.push(h('pre', null, rows.slice(at + 1, end).join('\n')));
      at = end;
      continue;
    }
    line(rows[at], out);
  }
  return out;
}

function line(row, out) {
  for (const [pattern, build] of STARTS) {
    const found = pattern.exec(row);
    if (found) return out.push(build(found));
  }
  const last = out.at(-1);
  for (const [pattern, tag, build] of GROUPS) {
    const found = pattern.exec(row);
    if (!found) continue;
    const item = build(found[1]);
    if (last?.nodeName === tag.toUpperCase()) return item && last.append(item);
    return out.push(h(tag, null, item));
  }
  if (!row.trim()) return out.push('');
  if (last?.nodeName === 'P') return last.append(h('br'), ...prose(row).filter((part) => part !== ''));
  return out.push(h('p', null, prose(row)));
}
