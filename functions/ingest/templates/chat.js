/* The chat of Kartoteka in the corner of any page. Needs nothing else; sets no cookies. */
(function () {
  'use strict';
  var config = /* config */ {};
  var script = document.currentScript ||
    document.querySelector('script[src*="/chat/' + config.site + '/embed.js"]');
  var home = script.src.replace(/\/embed\.js.*$/, '');
  var lang = language();
  var texts = config.texts[lang];
  var store = memory();
  var KEY = 'kt-chat-' + config.site;
  var me = read(KEY) || {};
  var seen = {};
  var tag = '';
  var newest = '';
  var quick = 2000;
  var wait = quick;
  var isOpen = false;
  var isThere = true;
  var timer, root, host, button, badge, panel, log, composer, input, form, banner, last;

  function language() {
    var asked = script.getAttribute('data-lang') || document.documentElement.lang ||
      navigator.language || 'ru';
    return asked.toLowerCase().indexOf('en') === 0 ? 'en' : 'ru';
  }

  /* A browser may refuse to remember: then the talk lives as long as the page. */
  function memory() {
    try {
      localStorage.setItem('kt-try', '1');
      localStorage.removeItem('kt-try');
      return localStorage;
    } catch (error) {
      var kept = {};
      return {
        getItem: function (name) { return kept[name] || null; },
        setItem: function (name, value) { kept[name] = value; }
      };
    }
  }

  function read(name) {
    try { return JSON.parse(store.getItem(name)); } catch (error) { return null; }
  }

  function write(name, value) {
    try { store.setItem(name, JSON.stringify(value)); } catch (error) { return; }
  }

  function make(tagName, attributes, children) {
    var element = document.createElement(tagName);
    Object.keys(attributes || {}).forEach(function (name) {
      element.setAttribute(name, attributes[name]);
    });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  }

  function random() {
    var bytes = new Uint8Array(8);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) {
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
      write(KEY, me);
    });
  }

  function known() { return me.token ? Promise.resolve() : hello(); }

  /* Where the visitor is; the whole trail only if the site has a beacon and the visitor allows. */
  function place() {
    var tags = {};
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (/^utm_|clid$/.test(name)) { tags[name] = value; }
    });
    var told = { page: location.href, referrer: document.referrer, tags: tags };
    var trail = read('kt-trail-' + config.site);
    if (trail && window.kartotekaTrail) { told.trail = window.kartotekaTrail(); }
    return told;
  }

  function say(what) {
    var told = what.event === 'seen' ? {} : place();
    Object.keys(what).forEach(function (name) { told[name] = what[name]; });
    return known().then(function () {
      told.visitor = me.visitor;
      return ask('/say', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(told)
      });
    }).then(function (response) {
      return response.json().then(function (body) {
        if (response.status === 401) { me = {}; write(KEY, me); }
        if (!response.ok) { throw body.error || {}; }
        if (what.event === 'seen') { return; }
        me.known = true;
        me.talks = me.talks || what.event === 'message';
        write(KEY, me);
      });
    });
  }

  /* ---- the poll: two seconds while talking, growing to a minute, none while hidden ---- */

  function poll() {
    clearTimeout(timer);
    if (!me.talks || !me.token || document.hidden) { return; }
    var options = { method: 'GET', cache: 'no-store' };
    if (tag) { options.headers = { 'If-None-Match': tag }; }
    ask('/talk' + (newest ? '?after=' + encodeURIComponent(newest) : ''), options)
      .then(function (response) {
        if (response.status === 304) { return later(); }
        if (response.status === 401) { me = {}; write(KEY, me); return null; }
        if (!response.ok) { throw new Error('talk'); }
        tag = response.headers.get('ETag') || '';
        return response.json().then(function (told) {
          var fresh = told.messages.filter(show);
          if (fresh.some(function (one) { return !one.mine; })) { wait = quick; announce(fresh); }
          later();
        });
      }).catch(later);
  }

  function later() {
    clearTimeout(timer);
    wait = Math.min(60000, wait * (isOpen ? 1.15 : 1.5));
    timer = setTimeout(poll, wait);
  }

  function soon() {
    wait = quick;
    clearTimeout(timer);
    timer = setTimeout(poll, wait);
  }

  /* ---- messages ---- */

  function show(one) {
    if (seen[one.id]) { return false; }
    seen[one.id] = true;
    if (one.at > newest) { newest = one.at; }
    if (one.mine && settle(one)) { return false; }
    log.append(bubble(one.text, one.mine));
    bottom();
    return true;
  }

  /* What this page sent itself is there already: the server's name of it is learned now. */
  function settle(one) {
    var waiting = Array.prototype.find.call(log.querySelectorAll('.mine[data-own]'), function (it) {
      return it.lastChild.textContent === one.text;
    });
    if (waiting) { waiting.removeAttribute('data-own'); }
    return Boolean(waiting);
  }

  function bubble(text, mine) {
    return make('div', { 'class': 'said ' + (mine ? 'mine' : 'ours') }, [
      make('span', { 'class': 'who' }, [(mine ? texts.you : texts.office) + ': ']),
      make('span', { 'class': 'words' }, [text])
    ]);
  }

  function bottom() { log.scrollTop = log.scrollHeight; }

  function announce(fresh) {
    var receipts = fresh.filter(function (one) { return one.receipt; }).slice(-20);
    last = (last || []).concat(receipts.map(function (one) { return one.receipt; })).slice(-20);
    if (isOpen && !document.hidden) { return tell(); }
    badge.hidden = false;
    button.setAttribute('aria-label', texts.open + '. ' + texts.new);
  }

  function tell() {
    badge.hidden = true;
    button.setAttribute('aria-label', texts.open);
    if (!last || !last.length) { return; }
    var told = last;
    last = [];
    say({ event: 'seen', id: random(), messages: told }).catch(function () { return null; });
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
    bottom();
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
      var again = make('button', { type: 'button', 'class': 'again' }, [texts.again]);
      again.addEventListener('click', function () { again.remove(); warn(''); post(line, what); });
      line.append(again);
    });
  }

  function warn(words) {
    banner.textContent = words;
    banner.hidden = !words;
  }

  /* ---- call me back ---- */

  function field(name, type, label, complete) {
    var control = name === 'question' ? make('textarea', { id: 'k-' + name, rows: '2' }) :
      make('input', { id: 'k-' + name, type: type, autocomplete: complete });
    form.fields[name] = control;
    return make('p', {}, [make('label', { 'for': 'k-' + name }, [label]), control]);
  }

  function callForm() {
    form = make('form', { novalidate: '', hidden: '' });
    form.fields = {};
    form.heading = make('h2', { tabindex: '-1' });
    form.words = make('p', {});
    form.wrong = make('p', { 'class': 'banner', role: 'alert', hidden: '' });
    var box = make('input', { id: 'k-consent', type: 'checkbox', 'aria-required': 'true' });
    form.fields.consent = box;
    form.send = make('button', { type: 'submit', 'class': 'main' }, [texts.call]);
    form.back = make('button', { type: 'button', 'class': 'link' }, [texts.back]);
    form.back.addEventListener('click', function () { toTalk(); input.focus(); });
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
      form.wrong.hidden = false;
      form.send.disabled = false;
      form.send.textContent = texts.call;
    });
  }

  function mark(wrong) {
    form.wrong.hidden = true;
    ['consent', 'phone'].forEach(function (name) {
      if (!wrong[name]) { return form.fields[name].removeAttribute('aria-invalid'); }
      form.fields[name].setAttribute('aria-invalid', 'true');
      form.fields[name].focus();
    });
  }

  /* ---- the panel ---- */

  function toCall() {
    panel.querySelector('.talk').hidden = true;
    var kind = isThere ? 'call' : 'away';
    var fresh = callForm();
    panel.querySelector('.call').replaceWith(fresh);
    fresh.className = 'call';
    fresh.hidden = false;
    form.heading.textContent = texts[kind + '_title'];
    form.words.textContent = texts[kind + '_text'];
    form.back.hidden = !isThere && !me.talks;
    form.fields.name.focus();
  }

  function toTalk() {
    panel.querySelector('.call').hidden = true;
    panel.querySelector('.talk').hidden = false;
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
    bottom();
    input.focus();
  }

  function close() {
    isOpen = false;
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.focus();
  }

  function keys(event) {
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
    button = make('button', {
      type: 'button', 'class': 'knob', 'aria-label': texts.open, 'aria-expanded': 'false',
      'aria-controls': 'k-panel'
    }, [texts.open, badge]);
    button.addEventListener('click', function () { return isOpen ? close() : open(); });
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
    var call = make('button', { type: 'button', 'class': 'link' }, [texts.call]);
    call.addEventListener('click', function () { toCall(); });
    var shut = make('button', { type: 'button', 'class': 'shut', 'aria-label': texts.close }, ['×']);
    shut.addEventListener('click', close);
    var first = callForm();
    first.className = 'call';
    panel = make('section', {
      id: 'k-panel', 'class': 'panel', role: 'dialog', 'aria-label': texts.title, hidden: '', lang: lang
    }, [
      make('header', {}, [make('strong', {}, [texts.title]), shut]),
      make('div', { 'class': 'talk' }, [
        log, banner, composer, make('p', { 'class': 'small' }, [texts.agree + ' ', call])
      ]),
      first
    ]);
    panel.addEventListener('keydown', keys);
    panel.addEventListener('drop', noFiles);
    panel.addEventListener('paste', noFiles);
    panel.addEventListener('dragover', function (event) { event.preventDefault(); });
    root.append(panel, button);
  }

  function dress() {
    var sheet = new CSSStyleSheet();
    sheet.replaceSync([
      ':host{all:initial;position:fixed;right:1rem;bottom:1rem;z-index:2147483000;',
      'font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:#16202e}',
      '*{box-sizing:border-box}[hidden]{display:none!important}p,h2{margin:0 0 .6rem}',
      'h2{font-size:1.15rem}h2:focus{outline:0}button,input,textarea{font:inherit;color:inherit}',
      ':focus-visible{outline:3px solid #63b5ab;outline-offset:1px}',
      '.knob,.main{border:0;background:' + config.accent + ';color:#fff;font-weight:600;cursor:pointer}',
      '.knob{position:relative;padding:.8rem 1.2rem;border-radius:2rem;',
      'box-shadow:0 4px 16px rgb(22 32 46/.3)}.main{padding:.6rem 1rem;border-radius:.6rem}',
      '.main:hover,.knob:hover{filter:brightness(.88)}.main:disabled{background:#52606f}',
      '.badge{position:absolute;top:-.2rem;right:-.1rem;width:1rem;height:1rem;border-radius:50%;',
      'background:#b3261e;border:2px solid #fff}',
      '.panel{position:absolute;right:0;bottom:3.6rem;width:min(22rem,calc(100vw - 2rem));',
      'max-height:min(34rem,calc(100vh - 6rem));display:flex;flex-direction:column;overflow:auto;',
      'background:#fff;border-radius:1rem;box-shadow:0 10px 40px rgb(22 32 46/.3)}',
      'header{display:flex;justify-content:space-between;align-items:center;padding:.7rem 1rem;',
      'background:' + config.accent + ';color:#fff}.shut{border:0;background:none;color:#fff;',
      'font-size:1.5rem;line-height:1;padding:.2rem .5rem;cursor:pointer}',
      '.talk{display:flex;flex-direction:column;min-height:0;padding:1rem}.call{padding:1rem}',
      '.log{flex:1;min-height:9rem;max-height:16rem;overflow:auto;margin:0 0 .6rem}',
      '.said{width:fit-content;max-width:85%;margin:0 0 .5rem;padding:.5rem .8rem;',
      'border-radius:.9rem;background:#eef3f1;white-space:pre-wrap;overflow-wrap:anywhere}',
      '.mine{margin-left:auto;background:#dcebe7}.going{opacity:.6}',
      '.who,.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}',
      '.again,.link{border:0;background:none;padding:0;color:' + config.accent + ';',
      'text-decoration:underline;cursor:pointer;font-weight:600}.again{display:block}',
      '.composer{display:flex;gap:.5rem;align-items:flex-end}',
      'textarea,input[type=text],input[type=tel]{width:100%;padding:.55rem .7rem;resize:none;',
      'border:1px solid #7d8a99;border-radius:.6rem;background:#fff}',
      '[aria-invalid=true]{border-color:#a3231f!important;outline:2px solid #a3231f}',
      '.call label{display:block;margin:0 0 .2rem;font-weight:600}',
      '.call .tick{display:flex;gap:.6rem}.call .tick label{font-weight:400;font-size:.9rem}',
      '.tick input{flex:none;width:1.3rem;height:1.3rem;accent-color:' + config.accent + '}',
      '.call .main{width:100%;margin:0 0 .6rem}.small{margin:.6rem 0 0;font-size:.8rem;color:#52606f}',
      '.banner{padding:.5rem .7rem;border-radius:.6rem;background:#fcebea;color:#7d1613}'
    ].join(''));
    root.adoptedStyleSheets = [sheet];
  }

  function begin() {
    host = make('div', { 'data-kartoteka-chat': config.site });
    root = host.attachShadow({ mode: 'open' });
    dress();
    build();
    document.body.append(host);
    if (me.talks) { poll(); }
    document.addEventListener('visibilitychange', function () {
      if (document.hidden) { return clearTimeout(timer); }
      if (isOpen) { tell(); }
      wait = quick;
      poll();
    });
  }

  if (document.body) { begin(); } else { document.addEventListener('DOMContentLoaded', begin); }
})();
