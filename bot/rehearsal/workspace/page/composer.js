// The box in which people write: drafts per place, command and name hints, the server's refusal beneath.

import { h, render } from './dom.js';
import { act } from './net.js';
import { nameOf, store } from './store.js';

export class Composer {
  constructor(name) {
    this.drafts = new Map();
    this.target = null;
    this.picked = 0;
    this.hints = h('div.hints', {
      id: `${name}-hints`,
      role: 'listbox',
      'aria-label': 'Suggestions',
      hidden: true,
    });
    this.input = h('textarea', {
      id: `${name}-text`,
      rows: 1,
      'aria-autocomplete': 'list',
      'aria-controls': `${name}-hints`,
      autocomplete: 'off',
      spellcheck: 'true',
    });
    this.send = h('button.button.primary.send', { type: 'submit', disabled: true }, 'Send');
    this.error = h('div.error', { role: 'alert', hidden: true });
    this.form = h(
      'form.composer',
      null,
      this.hints,
      h('div.composer-box', null, this.input, this.send),
      this.error,
      h(
        'div.composer-help',
        null,
        h('kbd', null, 'Enter'),
        ' sends · ',
        h('kbd', null, 'Shift Enter'),
        ' new line · ',
        h('kbd', null, '/'),
        ' commands',
      ),
    );
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.input.oninput = () => this.typed();
    this.input.onkeydown = (event) => this.key(event);
    this.input.onblur = () => setTimeout(() => this.hint([]), 150);
    document.getElementById(`${name}-composer`).append(this.form);
  }

  /** Points the box at a channel or a thread, bringing back what was being typed there. */
  aim(target, placeholder) {
    this.input.placeholder = placeholder;
    this.input.setAttribute('aria-label', placeholder);
    const key = target && `${target.channel}/${target.thread_ts || ''}`;
    if (key === this.key_) return;
    if (this.key_) this.drafts.set(this.key_, this.input.value);
    this.key_ = key;
    this.target = target;
    this.input.value = this.drafts.get(key) || '';
    this.typed();
  }

  typed() {
    this.fail('');
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
    this.send.disabled = !this.input.value.trim();
    this.picked = 0;
    this.hint(this.suggestions());
  }

  /** What may follow: [{label, note, text}] for a slash command or a name being typed. */
  suggestions() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    if (!store.state) return [];
    if (/^\/\S*$/.test(before)) {
      return store.state.commands
        .filter((one) => one.command.startsWith(before))
        .map((one) =>
          this.target.thread_ts
            ? {
                label: one.command,
                note: 'does not work in threads: write @heal instead',
                text: '@heal ',
                from: 0,
              }
            : { label: one.command, note: one.hint, text: `${one.command} `, from: 0 },
        );
    }
    const name = /(?:^|\s)@([\w.-]*)$/.exec(before);
    if (!name) return [];
    const from = before.length - name[1].length - 1;
    const wanted = name[1].toLowerCase();
    const users = store.state.users.map((user) => ({
      label: `@${user.name}`,
      note: nameOf(user),
      text: `@${user.name} `,
      from,
    }));
    const groups = store.state.groups.map((group) => ({
      label: `@${group.handle}`,
      note: `${group.members.length} people`,
      text: `@${group.handle} `,
      from,
    }));
    return [...users, ...groups]
      .filter((one) => one.label.toLowerCase().startsWith(`@${wanted}`))
      .slice(0, 8);
  }

  hint(list) {
    this.choices = list;
    this.hints.hidden = !list.length;
    render(
      this.hints,
      list.map((one, at) =>
        h(
          'button',
          {
            key: one.label,
            type: 'button',
            role: 'option',
            tabindex: '-1',
            'aria-selected': String(at === this.picked),
            onclick: () => this.take(one),
          },
          h('strong', null, one.label),
          h('span', null, one.note),
        ),
      ),
    );
  }

  take({ text, from }) {
    const rest = this.input.value.slice(this.input.selectionStart);
    this.input.value = this.input.value.slice(0, from) + text + rest;
    this.input.selectionStart = this.input.selectionEnd = from + text.length;
    this.input.focus();
    this.typed();
  }

  key(event) {
    const open = !this.hints.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      this.picked = (this.picked + step + this.choices.length) % this.choices.length;
      this.hint(this.choices);
    } else if (open && event.key === 'Escape') {
      event.stopPropagation();
      this.hint([]);
    } else if (open && (event.key === 'Tab' || event.key === 'Enter') && !event.shiftKey) {
      event.preventDefault();
      const one = this.choices[this.picked];
      if (event.key === 'Enter' && this.input.value.trim() === one.text.trim()) this.submit();
      else this.take(one);
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text || this.sending || !this.target) return;
    this.sending = true;
    const { target } = this;
    const answer = await act('post', { ...target, text });
    this.sending = false;
    if (!answer.ok) return void this.fail(answer.error || 'This could not be sent.');
    if (target === this.target) {
      this.input.value = '';
      this.typed();
    }
  }

  fail(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    this.input.setAttribute('aria-invalid', String(Boolean(sentence)));
  }

  focus() {
    this.input.focus();
  }
}
