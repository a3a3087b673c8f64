// The local workspace: joins state, panes, composers and dialogs, and keeps the address bar true.

import { blocks } from './blocks.js';
import { Composer } from './composer.js';
import { toast } from './dialogs.js';
import { closing, h, icon, render } from './dom.js';
import { avatar } from './messages.js';
import { showModal } from './modal.js';
import { mrkdwn } from './mrkdwn.js';
import { act, follow } from './net.js';
import { Pane } from './pane.js';
import * as known from './store.js';
import { store } from './store.js';

const at = (id) => document.getElementById(id);
const EMPTY = {
  alerts: 'Quiet. The demo breaks something in a moment, or type /heal help.',
};
const WIDE = 1100;

function emptyOf(channel) {
  if (channel.is_im) return 'Only you and the bot are here. Ask it something.';
  return EMPTY[channel.name] || `Nothing in #${channel.name} yet.`;
}

const main = new Pane('main', { open: openThread, announce });
const thread = new Pane('thread', { open: openThread, announce });
const mainComposer = new Composer('main');
const threadComposer = new Composer('thread');
let awaited = null;
let linked = true;
let viewedBy = '';

const refresh = follow(onState, onLink);

function onState(state) {
  store.state = state;
  store.user = state.me.id;
  if (!known.channelOf(store.channel)) readAddress();
  followClick();
  draw();
}

function onLink(up) {
  linked = up;
  at('offline').hidden = up;
  if (store.state) drawSidebar();
}

// Where the reader is: #/alerts, #/alerts/1712345.000100, #/apps/heal, #/apps/messages; a channel may also be named by its id.

function readAddress() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const direct = name === 'apps' && rest[0] === 'messages' && rest.shift();
  const ts = rest[0] || '';
  store.home = name === 'apps' && !direct;
  const { channels } = store.state;
  const channel =
    (direct && channels.find((one) => one.is_im)) ||
    channels.find((one) => one.id === name || (!one.is_im && encodeURIComponent(one.name) === name)) ||
    known.channelOf(store.channel) ||
    channels.find((one) => one.name === 'alerts') ||
    channels[0];
  store.channel = channel?.id || '';
  store.thread = store.home ? '' : ts;
}

const titleOf = (channel) => (channel.is_im ? `${botName()} · direct messages` : `#${channel.name}`);

function addressOf(id) {
  const channel = known.channelOf(id);
  return channel.is_im ? 'apps/messages' : channel.name;
}

function go(name, ts = '') {
  const address = ts ? `#/${name}/${ts}` : `#/${name}`;
  if (location.hash === address) return;
  history.pushState(null, '', address);
  moved();
}

function moved() {
  readAddress();
  draw();
  if (store.home) act('home', {});
}

addEventListener('hashchange', () => {
  if (store.state) moved();
});

function openThread(ts, reply = true) {
  go(addressOf(store.channel), ts);
  if (reply) threadComposer.focus();
}

function closeThread() {
  const root = at('main-list').querySelector(`[data-ts="${CSS.escape(store.thread)}"]`);
  go(addressOf(store.channel));
  (root || mainComposer).focus();
}

function become(user) {
  known.become(user);
  awaited = null;
  showModal(null);
  refresh();
  if (store.home) act('home', {});
}

// A click on a card usually answers in its thread: open it, when there is room and none is open.

document.addEventListener('clicked', ({ detail }) => {
  if (!detail.ts || store.thread || innerWidth < WIDE) return;
  awaited = { ...detail, until: performance.now() + 15000 };
  followClick();
});

function followClick() {
  if (!awaited || store.thread || store.home || awaited.channel !== store.channel) return;
  if (performance.now() > awaited.until) awaited = null;
  else if (known.repliesOf(awaited.channel, awaited.ts).length > awaited.replies) {
    const { ts } = awaited;
    awaited = null;
    openThread(ts, false);
  }
}

// Drawing

function draw() {
  if (viewedBy !== store.user) {
    main.place = thread.place = null;
    viewedBy = store.user;
  }
  if (!document.hidden && !store.home) {
    known.markRead(store.channel);
    if (store.thread) known.markRead(store.channel, store.thread);
  }
  drawSidebar();
  store.home ? drawHome() : drawChannel();
  drawThread();
  showModal(store.state.modal);
  document.title = `${store.home ? botName() : titleOf(known.channelOf(store.channel))} · Local workspace`;
}

const HASH = [['currentColor', 'M7.5 3L6 17M14 3l-1.5 14M3.5 7.500h13.500M3 12.500h13.5', 1.5]];
const SPEECH = [['currentColor', 'M3 4.5h14v9H9l-4 3.5v-3.5H3z', 1.5]];
const MARK = [['#fff', 'M3 10.500h3.200l2-5.5 3.6 9.5 2.2-4h3', 1.9]];

function drawSidebar() {
  const { state } = store;
  const on = linked && state.connections > 0;
  render(
    at('sidebar'),
    h(
      'div.brand',
      null,
      h('span.brand-mark', null, icon(MARK)),
      h(
        'div',
        null,
        h('strong', null, 'Local workspace'),
        h(
          `span.connection${on ? '.is-on' : ''}`,
          { role: 'status' },
          state.away ? 'Slack is away' : on ? 'bot connected' : linked ? 'bot offline' : 'no connection',
        ),
      ),
    ),
    h('h2', null, 'Channels'),
    h('ul.links', { key: 'channels' }, state.channels.filter((one) => !one.is_im).map(channelEntry)),
    h('h2', null, 'Apps'),
    h(
      'ul.links',
      { key: 'apps' },
      h(
        'li',
        null,
        h(
          'a',
          {
            href: '#/apps/heal',
            'aria-current': store.home ? 'page' : undefined,
            onclick: (e) => {
              e.preventDefault();
              go('apps/heal');
            },
          },
          avatar({ name: botName(), heal: true }, 'tiny'),
          botName(),
        ),
      ),
      state.channels.filter((one) => one.is_im).map(channelEntry),
    ),
    h('h2', null, 'Break something'),
    h(
      'div.fate',
      { key: 'fate' },
      breaker('drop', 'Cut the line to the bot', !on),
      breaker('away', state.away ? 'Slack is away…' : 'Slack away for 30 s', state.away),
    ),
    h(
      'div.people',
      { key: 'people' },
      h('h2', { id: 'people-title' }, 'You are'),
      h('div', { role: 'group', 'aria-labelledby': 'people-title' }, known.people().map(personEntry)),
    ),
  );
}

function breaker(what, label, over) {
  const onclick = () => act('fate', { what });
  return h('button', { type: 'button', 'data-fate': what, disabled: over, onclick }, label);
}

const botName = () => known.nameOf(known.userOf(store.state.bot_user));

function channelEntry(channel) {
  const current = !store.home && channel.id === store.channel;
  const unread = !current && known.hasUnread(channel.id);
  return h(
    'li',
    { key: channel.id },
    h(
      `a${unread ? '.unread' : ''}`,
      {
        href: `#/${addressOf(channel.id)}`,
        'aria-current': current ? 'page' : undefined,
        onclick: (e) => {
          e.preventDefault();
          go(addressOf(channel.id));
        },
      },
      icon(channel.is_im ? SPEECH : HASH),
      channel.is_im ? 'Direct messages' : channel.name,
      unread && h('span.dot', { role: 'img', 'aria-label': 'new messages' }),
    ),
  );
}

function personEntry(user) {
  const mine = user.id === store.user;
  return h(
    'button.person',
    { key: user.id, type: 'button', 'aria-pressed': String(mine), onclick: () => become(user.id) },
    avatar({ name: known.nameOf(user), colour: user.colour }, 'small'),
    h('span', null, h('strong', null, known.nameOf(user)), h('small', null, user.role || 'member')),
  );
}

function drawChannel() {
  const channel = known.channelOf(store.channel);
  if (!channel) return;
  render(
    at('main-head'),
    h('div', null, h('h1', null, titleOf(channel)), channel.topic && h('p', null, mrkdwn(channel.topic))),
  );
  at('main-composer').hidden = false;
  mainComposer.aim(
    { channel: channel.id },
    channel.is_im ? `Message ${botName()}` : `Message #${channel.name}`,
  );
  const messages = labelled(known.topLevel(channel.id), channel.id);
  const empty = h(
    'div.empty',
    { key: 'empty' },
    h('span.brand-mark', null, icon(MARK)),
    h('p', null, emptyOf(channel)),
  );
  main.show(`${store.user}/${channel.id}`, messages, { extra: (nodes) => (nodes.length ? nodes : [empty]) });
}

const labelled = (messages, channel) => messages.map((message) => ({ ...message, channel_id: channel }));

function drawHome() {
  const { home } = store.state;
  render(
    at('main-head'),
    h('div', null, h('h1', null, botName()), h('p', null, 'What the bot knows, for you.')),
  );
  at('main-composer').hidden = true;
  const body = home
    ? h('div.home', { key: 'home' }, blocks(home.blocks, { view_id: home.id }))
    : h(
        'div.empty',
        { key: 'empty' },
        h(
          'p',
          null,
          store.state.connections > 0
            ? 'Asking the bot for its page…'
            : 'The bot is offline; its page appears when it connects.',
        ),
      );
  main.show(`${store.user}/home`, [], { extra: () => [body], stick: false });
}

function drawThread() {
  const messages = store.thread && !store.home ? known.threadOf(store.channel, store.thread) : [];
  const open = Boolean(store.thread) && !store.home;
  at('app').classList.toggle('with-thread', open);
  at('thread').hidden = !open;
  if (!open) return;
  const channel = known.channelOf(store.channel);
  render(
    at('thread-head'),
    h('div', null, h('h2', null, 'Thread'), h('p', null, titleOf(channel))),
    closing('Close thread', closeThread),
  );
  threadComposer.aim({ channel: channel.id, thread_ts: store.thread }, 'Reply in thread');
  const status = known.statusOf(store.channel, store.thread);
  thread.show(`${store.user}/${store.channel}/${store.thread}`, labelled(messages, channel.id), {
    inThread: true,
    extra: (nodes) => threadExtra(nodes, messages, status),
  });
}

function threadExtra(nodes, messages, status) {
  const count = messages.filter(known.isReply).length;
  if (!nodes.length)
    return [h('div.empty', { key: 'empty' }, h('p', null, 'This thread is not here any more.'))];
  const rule =
    count > 0 && h('div.day', { key: 'rule' }, h('span', null, count === 1 ? '1 reply' : `${count} replies`));
  const hasRoot = messages[0].ts === store.thread;
  const line =
    status &&
    h(
      'div.status.status-line',
      { key: 'status', role: 'status' },
      h('span.typing', { 'aria-hidden': 'true' }),
      status,
    );
  return hasRoot ? [nodes[0], rule, ...nodes.slice(1), line] : [rule, ...nodes, line];
}

function announce(sentence) {
  const line = h('p', null, sentence);
  at('announcer').append(line);
  setTimeout(() => line.remove(), 4000);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && store.state) draw();
});
document.addEventListener('keydown', (event) => {
  if (
    event.key !== 'Escape' ||
    event.defaultPrevented ||
    document.querySelector('dialog[open], :popover-open')
  )
    return;
  if (store.thread) closeThread();
  else mainComposer.focus();
});
addEventListener('unhandledrejection', () =>
  toast('Something on this page went wrong; reload it to be sure.'),
);
