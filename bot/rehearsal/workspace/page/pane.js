// A scrolling list of messages: keeps its place, flashes what changed, says what is new.

import { h, morphChildren, unchanged } from './dom.js';
import { authorOf, messageNode, signature, spoken, substance, timeOf } from './messages.js';
import { idOf, isReply, store } from './store.js';

const NEAR = 60;
const TOGETHER = 240;

export class Pane {
  constructor(name, { open, announce }) {
    this.scroller = document.getElementById(`${name}-scroll`);
    this.list = document.getElementById(`${name}-list`);
    this.pill = document.getElementById(`${name}-pill`);
    this.open = open;
    this.announce = announce;
    this.place = null;
    this.seen = new Map();
    this.sticky = true;
    this.scroller.addEventListener(
      'scroll',
      () => {
        this.sticky = this.atBottom();
        if (this.sticky) this.pill.hidden = true;
      },
      { passive: true },
    );
    this.pill.onclick = () => this.toBottom(true);
    this.list.onkeydown = (event) => this.walk(event);
    new ResizeObserver(() => {
      if (this.sticky) this.toBottom();
    }).observe(this.list);
    new ResizeObserver(() => {
      if (this.sticky) this.toBottom();
    }).observe(this.scroller);
  }

  atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toBottom(smoothly = false) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.scroller.scrollTo({
      top: this.scroller.scrollHeight,
      behavior: smoothly && !calm ? 'smooth' : 'instant',
    });
  }

  /** Up and down arrows walk from message to message. */
  walk(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (!step || !event.target.classList.contains('message')) return;
    let next = event.target[step];
    while (next && !next.classList.contains('message')) next = next[step];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  /** Shows messages; `place` names the list, `extra(children)` may add what surrounds them. */
  show(place, messages, { inThread = false, extra = (nodes) => nodes, stick = true } = {}) {
    const moved = place !== this.place;
    const living = moved ? new Map() : this.seen;
    const fresh = [];
    const changed = [];
    this.seen = new Map();
    const nodes = this.nodes(messages, inThread, living, fresh, changed);
    const next = h('div', null, extra(nodes));
    if (moved) this.list.replaceChildren();
    morphChildren(this.list, next);
    this.place = place;
    if (moved) {
      this.sticky = stick;
      this.pill.hidden = true;
      stick ? this.toBottom() : this.scroller.scrollTo({ top: 0, behavior: 'instant' });
      return;
    }
    this.tell(fresh, changed);
  }

  nodes(messages, inThread, living, fresh, changed) {
    let before = null;
    return messages.flatMap((message) => {
      const key = idOf(message);
      const out = [];
      const newDay = !inThread && (!before || dayOf(before.ts) !== dayOf(message.ts));
      if (newDay)
        out.push(h('div.day', { key: `day-${dayOf(message.ts)}` }, h('span', null, dayName(message.ts))));
      const compact = !newDay && follows(before, message, inThread);
      const sign = signature(message, inThread, compact);
      const matter = substance(message);
      const known = living.get(key);
      if (!known) fresh.push(message);
      else if (known.matter !== matter) changed.push(message);
      this.seen.set(key, { sign, matter });
      out.push(
        known?.sign === sign
          ? unchanged('article', key)
          : messageNode(message, { inThread, compact, key, open: this.open }),
      );
      before = message;
      return out;
    });
  }

  tell(fresh, changed) {
    for (const message of changed) this.flash(message, 'changed');
    const others = fresh.filter((message) => message.user !== store.user);
    for (const message of others) this.flash(message, 'arrived');
    if (this.sticky || fresh.some((message) => message.user === store.user && !message.is_ephemeral))
      this.toBottom(true);
    else if (fresh.length) this.pill.hidden = false;
    for (const message of others) this.announce(`${authorOf(message).name}: ${spoken(message)}`);
    for (const message of changed) this.announce(`Changed: ${spoken(message)}`);
  }

  flash(message, kind) {
    const node = this.list.querySelector(`[data-key="${CSS.escape(idOf(message))}"]`);
    if (!node) return;
    const colour = getComputedStyle(node).getPropertyValue(`--flash-${kind}`);
    node.animate(
      [
        { backgroundColor: colour },
        { backgroundColor: colour, offset: 0.25 },
        { backgroundColor: 'transparent' },
      ],
      { duration: 2200, easing: 'ease-out' },
    );
  }
}

function follows(before, message, inThread) {
  if (!before || before.is_ephemeral || message.is_ephemeral) return false;
  if (authorOf(before).id !== authorOf(message).id || before.username !== message.username) return false;
  if (inThread && !isReply(before)) return false;
  return (
    Number(message.ts) - Number(before.ts) < TOGETHER && !before.reply_count && !before.attachments?.length
  );
}

const dayOf = (ts) => timeOf(ts).toDateString();

function dayName(ts) {
  const when = timeOf(ts);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return when.toLocaleDateString(undefined, { weekday: 'long', month: 'long', day: 'numeric' });
}
