/* Remembers in the browser how a visitor came; tells us only once the visitor has written. */
(function () {
  'use strict';
  var config = /* config */ {};
  var script = document.currentScript ||
    document.querySelector('script[src*="/beacon/' + config.site + '/embed.js"]');
  var home = script.src.replace(/\/embed\.js.*$/, '');
  var KEY = 'kt-trail-' + config.site;
  var CHAT = 'kt-chat-' + config.site;
  var PAUSE = 30 * 60 * 1000;
  var MINUTE = 60 * 1000;

  /* Whoever asks not to be watched is not: nothing is even remembered. */
  if (navigator.doNotTrack === '1' || window.doNotTrack === '1' || navigator.globalPrivacyControl) {
    try { localStorage.removeItem(KEY); } catch (error) { return; }
    return;
  }

  function read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (error) { return null; }
  }

  function write(name, value) {
    try { localStorage.setItem(name, JSON.stringify(value)); } catch (error) { return; }
  }

  function random() {
    var bytes = new Uint8Array(8);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) {
      return ('0' + byte.toString(16)).slice(-2);
    }).join('');
  }

  function came() {
    var tags = {};
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (/^utm_|clid$/.test(name)) { tags[name] = value.slice(0, 500); }
    });
    var metrica = /(?:^|; )_ym_uid=([^;]+)/.exec(document.cookie);
    if (metrica) { tags._ym_uid = metrica[1]; }
    return { page: location.href, referrer: document.referrer, tags: tags };
  }

  function looked() {
    var now = Date.now();
    var trail = read(KEY) || { first: came() };
    if (!trail.visit || now - trail.at > PAUSE) {
      trail.visit = random();
      trail.last = came();
      trail.pages = [];
      trail.sent = 0;
      trail.count = 0;
    }
    trail.at = now;
    var page = { page: location.href, title: document.title };
    var before = trail.pages[trail.pages.length - 1];
    if (!before || before.page !== page.page) { trail.pages = trail.pages.concat([page]).slice(-30); }
    write(KEY, trail);
  }

  function told() {
    var trail = read(KEY) || {};
    return { visit: trail.visit, first: trail.first, last: trail.last, pages: trail.pages };
  }

  function post(path, body) {
    var me = read(CHAT);
    if (!me || !me.token) { return Promise.resolve(null); }
    body.trail = told();
    return fetch(home + path, {
      method: 'POST', credentials: 'omit', keepalive: true,
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + me.token },
      body: JSON.stringify(body)
    }).then(function (response) { return response.ok ? response.json() : null; })
      .catch(function () { return null; });
  }

  function due() {
    var me = read(CHAT);
    var trail = read(KEY);
    if (!me || !me.known || !trail || trail.count === trail.pages.length) { return; }
    if (Date.now() - (trail.sent || 0) < MINUTE) { return; }
    trail.sent = Date.now();
    trail.count = trail.pages.length;
    write(KEY, trail);
    post('/visit', {});
  }

  /* A form of ours on this page was sent: from now on this visitor is its client. */
  function joined(event) {
    var id = event.detail;
    var me = read(CHAT);
    var token = me && me.token ? Promise.resolve(me) :
      fetch(home.replace('/beacon/', '/chat/') + '/hello', { method: 'POST', credentials: 'omit' })
        .then(function (response) { return response.json(); });
    token.then(function (given) {
      var known = read(CHAT) || {};
      known.visitor = given.visitor;
      known.token = given.token;
      known.known = true;
      write(CHAT, known);
      return post('/join', { event: id });
    }).catch(function () { return null; });
  }

  window.kartotekaTrail = told;
  looked();
  due();
  document.addEventListener('kartoteka:sent', joined);
  document.addEventListener('visibilitychange', function () {
    if (document.hidden) { due(); }
  });
  setInterval(due, MINUTE);
})();
