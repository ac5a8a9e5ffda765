/* The chat of Kartoteka in the corner of any page. Needs nothing else; sets no cookies. */
(function () {
  'use strict';
  var config = /* config */ {};
  var script = document.currentScript ||
    document.querySelector('script[src*="/chat/' + config.site + '/embed.js"]');
  var home = script.src.replace(/\/embed\.js.*$/, '');
  var lang = language();
  var texts = config.texts[lang];
  var KEY = 'kt-chat-' + config.site;
  var me = read(KEY) || {};
  var seen = {};
  var tag = '';
  var newest = '';
  var last = [];
  var quick = 2000;
  var slow = 60000;
  var wait = quick;
  var isOpen = false;
  var isThere = true;
  var timer, root, button, badge, panel, log, composer, input, form, banner;

  function language() {
    var asked = script.getAttribute('data-lang') || document.documentElement.lang ||
      navigator.language || 'ru';
    return asked.toLowerCase().indexOf('en') === 0 ? 'en' : 'ru';
  }

  /* A browser may refuse to remember: then the talk lives as long as the page. */
  function read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (error) { return null; }
  }

  function keep(what) {
    me = what;
    try { localStorage.setItem(KEY, JSON.stringify(me)); } catch (error) { return; }
  }

  function make(tagName, attributes, children) {
    var element = document.createElement(tagName);
    Object.keys(attributes || {}).forEach(function (name) {
      element.setAttribute(name, attributes[name]);
    });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  }

  function knob(look, label, act) {
    var made = make('button', { type: 'button', 'class': look }, [label]);
    made.addEventListener('click', act);
    return made;
  }

  function random() {
    var bytes = new Uint8Array(8);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) {
      return ('0' + byte.toString(16)).slice(-2);
    }).join('');
  }

  function ask(path, options) {
    options.credentials = 'omit';
    options.headers = options.headers || {};
    if (me.token) { options.headers.Authorization = 'Bearer ' + me.token; }
    return fetch(home + path + (path.indexOf('?') < 0 ? '?' : '&') + 'lang=' + lang, options);
  }

  function hello() {
    return ask('/hello', { method: 'POST' }).then(function (response) {
      if (!response.ok) { throw new Error('hello'); }
      return response.json();
    }).then(function (told) {
      me.visitor = told.visitor;
      me.token = told.token;
      isThere = told.open;
      keep(me);
    });
  }

  /* Where the visitor is; the whole trail only if the site has a beacon and the visitor allows. */
  function place() {
    var told = { page: location.href, referrer: document.referrer, tags: {} };
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (/^utm_|clid$/.test(name)) { told.tags[name] = value; }
    });
    if (window.kartotekaTrail) { told.trail = window.kartotekaTrail(); }
    return told;
  }

  function say(what) {
    var told = what.event === 'seen' ? {} : place();
    Object.keys(what).forEach(function (name) { told[name] = what[name]; });
    return (me.token ? Promise.resolve() : hello()).then(function () {
      told.visitor = me.visitor;
      return ask('/say', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(told)
      });
    }).then(function (response) {
      return response.json().then(function (body) {
        if (response.status === 401) { keep({}); throw {}; }
        if (!response.ok) { throw body.error || {}; }
        if (what.event === 'seen') { return; }
        me.known = me.at = Date.now();
        me.talks = me.talks || what.event === 'message';
        keep(me);
      });
    });
  }

  /* The poll: two seconds while talking, growing to a minute, none while hidden. */

  function poll() {
    clearTimeout(timer);
    if (!me.talks || !me.token || document.hidden) { return; }
    var options = { method: 'GET', cache: 'no-store' };
    if (tag) { options.headers = { 'If-None-Match': tag }; }
    ask('/talk' + (newest ? '?after=' + encodeURIComponent(newest) : ''), options)
      .then(function (response) {
        if (response.status === 304) { return later(); }
        if (response.status === 401) { return keep({}); }
        if (!response.ok) { throw new Error('talk'); }
        tag = response.headers.get('ETag') || '';
        return response.json().then(function (told) {
          announce(told.messages.filter(show).filter(function (one) {
            return one.receipt && one.at > (me.read || '');
          }));
          later();
        });
      }).catch(later);
  }

  function later() {
    clearTimeout(timer);
    wait = Math.min(slow, wait * (isOpen ? 1.15 : 1.5));
    timer = setTimeout(poll, wait);
  }

  function soon() {
    wait = quick / 1.5;
    later();
  }

  function show(one) {
    if (seen[one.id]) { return false; }
    seen[one.id] = true;
    if (one.at > newest) { newest = one.at; }
    if (one.mine && settle(one)) { return false; }
    log.append(bubble(one.text, one.mine));
    log.scrollTop = log.scrollHeight;
    return true;
  }

  /* What this page sent itself is there already: the server's name of it is learned now. */
  function settle(one) {
    var waiting = Array.from(log.querySelectorAll('[data-own]')).find(function (it) {
      return it.lastChild.textContent === one.text;
    });
    if (waiting) { waiting.removeAttribute('data-own'); }
    return waiting;
  }

  function bubble(text, mine) {
    return make('div', { 'class': 'said ' + (mine ? 'mine' : 'ours') }, [
      make('span', { 'class': 'who' }, [(mine ? texts.you : texts.office) + ': ']),
      make('span', { 'class': 'words' }, [text])
    ]);
  }

  function announce(fresh) {
    if (!fresh.length) { return; }
    wait = quick;
    last = last.concat(fresh.map(function (one) { return one.receipt; })).slice(-20);
    if (isOpen && !document.hidden) { return tell(); }
    badge.hidden = false;
    button.setAttribute('aria-label', texts.open + '. ' + texts.new);
  }

  function tell() {
    badge.hidden = true;
    button.setAttribute('aria-label', texts.open);
    if (!last.length) { return; }
    me.read = newest;
    keep(me);
    say({ event: 'seen', id: random(), messages: last }).catch(function () { return; });
    last = [];
  }

  function send(event) {
    if (event) { event.preventDefault(); }
    var text = input.value.trim();
    if (!text) { return; }
    if (text.length > 4000) { return warn(texts.long); }
    warn('');
    input.value = '';
    var line = bubble(text, true);
    line.setAttribute('data-own', '1');
    log.append(line);
    log.scrollTop = log.scrollHeight;
    post(line, { event: 'message', id: random(), text: text });
  }

  function post(line, what) {
    line.classList.add('going');
    say(what).then(function () {
      line.classList.remove('going');
      soon();
    }).catch(function (error) {
      line.classList.remove('going');
      warn(error.message && error.code ? error.message : texts.failed);
      var again = knob('again', texts.again, function () {
        again.remove();
        warn('');
        post(line, what);
      });
      line.append(again);
    });
  }

  function warn(words) {
    banner.textContent = words;
    banner.hidden = !words;
  }

  function field(name, type, label, complete) {
    var control = name === 'question' ? make('textarea', { id: 'k-' + name, rows: '2' }) :
      make('input', { id: 'k-' + name, type: type, autocomplete: complete });
    form.fields[name] = control;
    return make('p', {}, [make('label', { 'for': 'k-' + name }, [label]), control]);
  }

  function callForm() {
    form = make('form', { novalidate: '', 'class': 'call' });
    form.fields = {};
    form.heading = make('h2', { tabindex: '-1' });
    form.words = make('p', {});
    form.wrong = make('p', { 'class': 'banner', id: 'k-wrong', role: 'alert', hidden: '' });
    var box = make('input', { id: 'k-consent', type: 'checkbox', 'aria-required': 'true' });
    form.fields.consent = box;
    form.send = make('button', { type: 'submit', 'class': 'main' }, [texts.call]);
    form.back = knob('link', texts.back, toTalk);
    form.append(form.heading, form.words, form.wrong,
      field('name', 'text', texts.name, 'name'), field('phone', 'tel', texts.phone, 'tel'),
      field('question', '', texts.question, 'off'),
      make('p', { 'class': 'tick' }, [box, make('label', { 'for': 'k-consent' }, [texts.consent])]),
      form.send, form.back);
    form.fields.phone.setAttribute('aria-required', 'true');
    form.addEventListener('submit', request);
    return form;
  }

  function request(event) {
    event.preventDefault();
    form.id_ = form.id_ || random();
    form.send.disabled = true;
    form.send.textContent = texts.sending;
    mark({});
    say({
      event: 'request', id: form.id_, name: form.fields.name.value, phone: form.fields.phone.value,
      text: form.fields.question.value.slice(0, 4000),
      consent: form.fields.consent.checked ? config.consent : ''
    }).then(function () {
      form.id_ = '';
      var title = make('h2', { tabindex: '-1' }, [texts.thanks_title]);
      form.replaceChildren(title, make('p', { role: 'status' }, [texts.thanks_text]), form.back);
      form.back.hidden = !isThere;
      title.focus();
    }).catch(function (error) {
      mark(error.fields || {});
      form.wrong.textContent = error.message && error.code ? error.message : texts.failed;
      form.wrong.hidden = form.send.disabled = false;
      form.send.textContent = texts.call;
    });
  }

  function mark(wrong) {
    form.wrong.hidden = true;
    ['consent', 'phone'].forEach(function (name) {
      var control = form.fields[name];
      control.removeAttribute('aria-invalid');
      control.removeAttribute('aria-describedby');
      if (!wrong[name]) { return; }
      control.setAttribute('aria-invalid', 'true');
      control.setAttribute('aria-describedby', 'k-wrong');
      control.focus();
    });
  }

  function toCall() {
    panel.querySelector('.talk').hidden = true;
    panel.querySelector('.call').replaceWith(callForm());
    form.heading.textContent = isThere ? texts.call_title : texts.away_title;
    form.words.textContent = isThere ? texts.call_text : texts.away_text;
    form.back.hidden = !isThere && !me.talks;
    form.fields.name.focus();
  }

  function toTalk() {
    panel.querySelector('.call').hidden = true;
    panel.querySelector('.talk').hidden = false;
    input.focus();
  }

  function open() {
    isOpen = true;
    panel.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    hello().catch(function () { warn(texts.failed); }).then(function () {
      if (!isThere && !me.talks) { toCall(); }
      soon();
    });
    tell();
    log.scrollTop = log.scrollHeight;
    input.focus();
  }

  function close() {
    isOpen = false;
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.focus();
  }

  function keys(event) {
    if (me.talks && wait > 4 * quick) { soon(); }
    if (event.key === 'Escape' && isOpen) { close(); }
    if (event.key === 'Enter' && !event.shiftKey && root.activeElement === input &&
        !event.isComposing) { send(event); }
  }

  function noFiles(event) {
    var data = event.dataTransfer || event.clipboardData;
    if (!data || !data.files || !data.files.length) { return; }
    event.preventDefault();
    warn(texts.no_files);
  }

  function build() {
    badge = make('span', { 'class': 'badge', hidden: '', 'aria-hidden': 'true' });
    button = knob('knob', texts.open, function () { return isOpen ? close() : open(); });
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-controls', 'k-panel');
    button.append(badge);
    log = make('div', {
      'class': 'log', role: 'log', 'aria-live': 'polite', 'aria-label': texts.log, tabindex: '0'
    }, [bubble(texts.hello, false)]);
    banner = make('p', { 'class': 'banner', role: 'alert', hidden: '' });
    input = make('textarea', { id: 'k-text', rows: '2', placeholder: texts.write });
    composer = make('form', { 'class': 'composer' }, [
      make('label', { 'for': 'k-text', 'class': 'unseen' }, [texts.text]), input,
      make('button', { type: 'submit', 'class': 'main' }, [texts.send])
    ]);
    composer.addEventListener('submit', send);
    var call = knob('link', texts.call, toCall);
    var shut = knob('shut', '×', close);
    shut.setAttribute('aria-label', texts.close);
    panel = make('section', {
      id: 'k-panel', 'class': 'panel', role: 'dialog', 'aria-label': texts.title, hidden: '',
      lang: lang
    }, [
      make('header', {}, [make('strong', {}, [texts.title]), shut]),
      make('div', { 'class': 'talk' }, [
        log, banner, composer, make('p', { 'class': 'small' }, [texts.agree + ' ', call])
      ]),
      make('div', { 'class': 'call', hidden: '' })
    ]);
    panel.addEventListener('keydown', keys);
    panel.addEventListener('drop', noFiles);
    panel.addEventListener('paste', noFiles);
    panel.addEventListener('dragover', function (event) { event.preventDefault(); });
    root.append(panel, button);
  }

  function dress() {
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(':host{--accent:' + config.accent + '}' + config.css);
    root.adoptedStyleSheets = [sheet];
  }

  function begin() {
    var host = make('div', { 'data-kartoteka-chat': config.site });
    root = host.attachShadow({ mode: 'open' });
    dress();
    build();
    document.body.append(host);
    if (Date.now() - (me.at || 0) > 86400000) { wait = slow; }
    poll();
    document.addEventListener('visibilitychange', function () {
      if (document.hidden) { return clearTimeout(timer); }
      if (isOpen) { tell(); }
      wait = quick;
      poll();
    });
  }

  if (document.body) { begin(); } else { document.addEventListener('DOMContentLoaded', begin); }
})();
