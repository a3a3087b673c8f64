// Slack's mrkdwn as DOM nodes: never markup from text, only http and https links.

import { h } from './dom.js';
import { emoji, withEmoji } from './emoji.js';
import { channelOf, groupOf, nameOf, store, userOf } from './store.js';

const INLINE = new RegExp(
  [
    '`(?<code>[^`\\n]+)`',
    '<(?<ref>[^<>\\n]+)>',
    ':(?<emoji>[a-z0-9_+-]+):',
    '(?<![\\w*])\\*(?=[^\\s*])(?<bold>[^\\n]*?[^\\s*])\\*(?![\\w*])',
    '(?<![\\w_])_(?=[^\\s_])(?<italic>[^\\n]*?[^\\s_])_(?![\\w_])',
    '(?<![\\w~])~(?=[^\\s~])(?<strike>[^\\n]*?[^\\s~])~(?![\\w~])',
  ].join('|'),
  'g',
);
const ITEM = /^\s*(?:[•◦▪-]|(\d+)\.)\s+(.*)$/;
const QUOTE = /^(?:&gt;|>)\s?(.*)$/;

export const decode = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** A text object ({type, text}) or a bare string as nodes. */
export function textOf(value) {
  if (!value) return [];
  if (typeof value === 'string') return mrkdwn(value);
  if (value.type === 'mrkdwn') return mrkdwn(value.text || '');
  return value.emoji === false ? [decode(value.text || '')] : withEmoji(decode(value.text || ''));
}

/** mrkdwn text as a list of nodes: fenced code, quotes, lists, lines. */
export function mrkdwn(text) {
  return String(text)
    .split('```')
    .flatMap((part, at, all) => {
      const fenced = at % 2 === 1 && at < all.length - 1;
      if (fenced) return [h('pre', null, decode(part.replace(/^\n|\n$/g, '')))];
      const open = at % 2 === 1 ? '```' : '';
      const before = at > 0 ? part.replace(/^\n/, '') : part;
      return lines(open + (at < all.length - 1 ? before.replace(/\n$/, '') : before));
    });
}

function lines(text) {
  if (!text) return [];
  const out = [];
  let group = null;
  const close = () => {
    group = null;
  };
  text.split('\n').forEach((line) => {
    const quote = QUOTE.exec(line);
    const item = !quote && ITEM.exec(line);
    if (quote) {
      if (group?.nodeName !== 'BLOCKQUOTE') out.push((group = h('blockquote')));
      group.append(...(group.childNodes.length ? [h('br')] : []), ...inline(quote[1]));
    } else if (item) {
      const tag = item[1] ? 'OL' : 'UL';
      if (group?.nodeName !== tag) out.push((group = h(tag.toLowerCase(), { start: item[1] })));
      group.append(h('li', null, inline(item[2])));
    } else {
      const flowing = out.length && !group;
      close();
      out.push(...(flowing ? [h('br')] : []), ...inline(line));
    }
  });
  return out;
}

function inline(text) {
  const out = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const node = token(match.groups, match[0]);
    if (!node) continue;
    out.push(...withEmoji(decode(text.slice(end, match.index))), node);
    end = match.index + match[0].length;
  }
  out.push(...withEmoji(decode(text.slice(end))));
  return out.filter((part) => part !== '');
}

function token({ code, ref, emoji: name, bold, italic, strike }) {
  if (code !== undefined) return h('code', null, decode(code));
  if (ref !== undefined) return reference(ref);
  if (name !== undefined) return emoji(name);
  if (bold !== undefined) return h('strong', null, inline(bold));
  if (italic !== undefined) return h('em', null, inline(italic));
  return h('del', null, inline(strike));
}

function reference(raw) {
  const bar = raw.indexOf('|');
  const target = bar < 0 ? raw : raw.slice(0, bar);
  const label = bar < 0 ? '' : decode(raw.slice(bar + 1));
  if (target.startsWith('@')) return mention(target.slice(1), label);
  if (target.startsWith('#')) return channelLink(target.slice(1), label);
  if (target.startsWith('!subteam^')) return groupMention(target.slice(9), label);
  if (target.startsWith('!date^')) return date(target.slice(6), label);
  if (target.startsWith('!')) return h('span.mention.mention-me', null, `@${target.slice(1)}`);
  if (!/^(https?|mailto|tel):/i.test(target)) return h('span', null, decode(`<${raw}>`));
  return link(decode(target), label ? withEmoji(label) : null);
}

/** The address in this page of a message's permalink, or null. */
function placeOf(url) {
  const address = URL.canParse(url) ? new URL(url) : null;
  const found =
    address?.origin === location.origin && /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(address.pathname);
  return found ? `#/${found[1]}/${address.searchParams.get('thread_ts') || `${found[2]}.${found[3]}`}` : null;
}

/** A link when the address is http or https; otherwise its text. */
export function link(url, label) {
  const shown = label ?? url.replace(/^mailto:/, '');
  if (!/^https?:\/\//i.test(url)) return h('span', null, shown);
  const inside = placeOf(url);
  if (inside) return h('a', { href: inside }, shown);
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, shown);
}

export function mention(id, label) {
  const name = userOf(id) ? nameOf(userOf(id)) : label || id;
  return h(`span.mention${id === store.user ? '.mention-me' : ''}`, null, `@${name.replace(/^@/, '')}`);
}

export function groupMention(id, label) {
  const group = groupOf(id);
  const mine = group?.members.includes(store.user);
  const name = group?.handle || label || id;
  return h(`span.mention${mine ? '.mention-me' : ''}`, null, `@${name.replace(/^@/, '')}`);
}

export function channelLink(id, label) {
  const channel = channelOf(id);
  const name = channel?.name || label || id;
  if (!channel) return h('span.mention', null, `#${name}`);
  return h('a.mention', { href: `#/${name}` }, `#${name}`);
}

function date(spec, fallback) {
  const [seconds, format = '', url] = spec.split('^');
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return h('span', null, fallback);
  const shown = format.replace(/\{(\w+)\}/g, (whole, name) => (DATES[name] ? DATES[name](when) : whole));
  const node = h('time', { datetime: when.toISOString(), title: when.toLocaleString() }, shown);
  return url ? link(url, node) : node;
}

const day = (options) => (when) => when.toLocaleDateString(undefined, options);
const pretty = (options) => (when) => {
  const days = Math.round((new Date(when).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 864e5);
  return { 0: 'today', 1: 'tomorrow', '-1': 'yesterday' }[days] || day(options)(when);
};
const SHORT = { year: 'numeric', month: 'short', day: 'numeric' };
const LONG = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' };
const MIDDLE = { year: 'numeric', month: 'long', day: 'numeric' };
const DATES = {
  date_num: (when) => when.toISOString().slice(0, 10),
  date: day(MIDDLE),
  date_short: day(SHORT),
  date_long: day(LONG),
  date_pretty: pretty(MIDDLE),
  date_short_pretty: pretty(SHORT),
  date_long_pretty: pretty(LONG),
  time: (when) => when.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' }),
  time_secs: (when) =>
    when.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  ago: (when) => ago(when),
};

function ago(when) {
  const seconds = Math.round((when - Date.now()) / 1000);
  const [size, unit] = [
    [86400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ].find(([s]) => Math.abs(seconds) >= s) || [1, 'second'];
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}
