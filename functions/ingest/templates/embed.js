/* Puts a form of Kartoteka beside its own script tag. Needs nothing else on the page. */
(function () {
  'use strict';
  var config = /* config */ {};
  var script = document.currentScript ||
    document.querySelector('script[src*="/form/' + config.form + '/embed.js"]');
  var home = script.src.replace(/\/embed\.js.*$/, '');
  var lang = language();
  var texts = config.texts[lang];
  var submission = token();
  var opened = Date.now();
  var shownAt = Math.floor(opened / 1000);
  var controls = {};
  var host, root, form, button, banner;

  function language() {
    var asked = script.getAttribute('data-lang') || document.documentElement.lang ||
      navigator.language || 'ru';
    return asked.toLowerCase().indexOf('en') === 0 ? 'en' : 'ru';
  }

  function token() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) {
      return ('0' + byte.toString(16)).slice(-2);
    }).join('');
  }

  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      element.setAttribute(name, attributes[name]);
    });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  }

  function control(item, id, type) {
    if (item.type === 'textarea') { return make('textarea', { id: id, name: item.id, rows: '4' }); }
    if (item.type !== 'select') {
      return make('input', { id: id, name: item.id, type: type, autocomplete: item.auto });
    }
    var words = lang === 'en' && item.options_en || item.options;
    var first = make('option', { value: '' }, [texts.choose]);
    return make('select', { id: id, name: item.id }, [first].concat(item.options.map(function (one, at) {
      return make('option', { value: one }, [words[at]]);
    })));
  }

  function field(item) {
    var id = 'f-' + item.id;
    var type = ['tel', 'email', 'file'].indexOf(item.type) < 0 ? 'text' : item.type;
    var input = control(item, id, type);
    var label = make('label', { 'for': id }, [item.label[lang]]);
    if (item.required) {
      input.setAttribute('aria-required', 'true');
    } else if (type !== 'tel' && type !== 'email') {
      label.append(' ', make('small', {}, [texts.optional]));
    }
    return framed(item.id, input, [label, input]);
  }

  function framed(name, input, children) {
    var wrong = make('p', { 'class': 'wrong', id: 'w-' + name, hidden: '' });
    controls[name] = { input: input, wrong: wrong };
    return make('div', { 'class': 'field' }, children.concat([wrong]));
  }

  function consent() {
    var box = make('input', { id: 'f-consent', type: 'checkbox', 'aria-required': 'true' });
    var label = make('label', { 'for': 'f-consent' }, [texts.consent_text]);
    return framed('consent', box, [make('div', { 'class': 'tick' }, [box, label])]);
  }

  function trap() {
    var input = make('input', {
      id: 'f-trap', name: config.names.honeypot, type: 'text', tabindex: '-1', autocomplete: 'off'
    });
    controls[config.names.honeypot] = { input: input, wrong: make('p') };
    var label = make('label', { 'for': 'f-trap' }, [texts.trap]);
    return make('div', { 'class': 'trap', 'aria-hidden': 'true' }, [label, input]);
  }

  function content() {
    var data = attribution();
    Object.keys(controls).forEach(function (name) {
      var input = controls[name].input;
      data[name] = input.type === 'file' ? input.files[0] || '' : input.value;
    });
    delete data.consent;
    if (config.captcha) {
      host.querySelectorAll('input[name]').forEach(function (input) {
        data[input.name] = input.value;
      });
    }
    data[config.names.consent] = controls.consent.input.checked ? 'yes' : '';
    data[config.names.page] = 'embed';
    data[config.names.shown] = String(shownAt);
    data.submission_id = submission;
    return data;
  }

  function attribution() {
    var data = { page: location.href, referrer: document.referrer };
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (/^utm_|clid$/.test(name)) { data[name] = value; }
    });
    return data;
  }

  function clear() {
    banner.hidden = true;
    Object.keys(controls).forEach(function (name) {
      controls[name].input.removeAttribute('aria-invalid');
      controls[name].input.removeAttribute('aria-describedby');
      controls[name].wrong.hidden = true;
    });
  }

  function refuse(error) {
    var wrong = error.fields || {};
    banner.textContent = error.message || texts.failed;
    banner.hidden = false;
    var names = Object.keys(controls).filter(function (name) { return wrong[name]; });
    names.forEach(function (name) {
      controls[name].input.setAttribute('aria-invalid', 'true');
      controls[name].input.setAttribute('aria-describedby', 'w-' + name);
      controls[name].wrong.textContent = wrong[name];
      controls[name].wrong.hidden = false;
    });
    if (names.length) { controls[names[0]].input.focus(); }
  }

  function packed(data) {
    var names = Object.keys(data);
    if (!names.some(function (name) { return data[name] instanceof File; })) {
      return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(data) };
    }
    var parts = new FormData();
    names.forEach(function (name) { parts.append(name, data[name]); });
    return { headers: { Accept: 'application/json' }, body: parts };
  }

  function thank(body) {
    document.dispatchEvent(new CustomEvent('kartoteka:sent', { detail: body.id }));
    if (body.redirect && !body.invoice) { return location.assign(body.redirect); }
    var title = make('h2', { tabindex: '-1' }, [texts.sent_title]);
    form.replaceWith(make('div', { 'class': 'card done', role: 'status' }, [
      title, make('p', {}, [texts.sent_text])
    ].concat(body.invoice ? [make('p', {}, [
      make('a', { 'class': 'pay', href: body.invoice.url }, [texts.pay])
    ])] : [])));
    title.focus();
  }

  function busy(isBusy) {
    button.disabled = isBusy;
    button.textContent = isBusy ? texts.sending : texts.send;
  }

  function send(event) {
    event.preventDefault();
    clear();
    busy(true);
    var early = config.least ? config.least * 1000 + 1000 - (Date.now() - opened) : 0;
    new Promise(function (resolve) {
      setTimeout(resolve, Math.max(0, early));
    }).then(function () {
      var post = packed(content());
      post.method = 'POST';
      post.credentials = 'omit';
      return fetch(home + '?lang=' + lang, post);
    }).then(function (response) {
      return response.json().then(function (body) {
        if (response.ok) { return thank(body); }
        refuse(response.status < 500 ? body.error || {} : {});
      });
    }).catch(function () {
      refuse({});
    }).then(function () { busy(false); });
  }

  function build() {
    banner = make('p', { 'class': 'banner', role: 'alert', hidden: '' });
    button = make('button', { type: 'submit' }, [texts.send]);
    var parts = [make('h2', {}, [texts.title]), make('p', {}, [texts.lead]), banner];
    parts = parts.concat(config.fields.map(field), [trap(), consent()], captcha(), [button]);
    form = make('form', { 'class': 'card', novalidate: '', lang: lang }, parts);
    form.addEventListener('submit', send);
    root.append(form);
  }

  /* Its provider fills an element outside of our shadow; the slot shows it in its place. */
  function captcha() {
    if (!config.captcha) { return []; }
    var box = make('div', {
      'class': config.captcha.style, 'data-sitekey': config.captcha.key, slot: 'captcha'
    });
    host.append(box, make('script', { src: config.captcha.script, async: '' }));
    return [make('div', { 'class': 'field' }, [make('slot', { name: 'captcha' })])];
  }

  function dress() {
    var accent = config.look.accent;
    var sheet = new CSSStyleSheet();
    sheet.replaceSync([
      ':host{display:block;max-width:34rem}*{box-sizing:border-box}[hidden]{display:none!important}',
      '.card{padding:1.5rem;border-radius:' + Number(config.look.radius) + 'px;background:#fff;color:#16202e;',
      'font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;',
      'box-shadow:0 1px 2px rgb(22 32 46/.1),0 8px 24px rgb(22 32 46/.1)}',
      'h2{margin:0 0 .4rem;font-size:1.5rem;line-height:1.2}h2:focus{outline:0}.field{margin:0 0 1rem}',
      'label{display:block;margin:0 0 .3rem;font-weight:600}label small{font-weight:400;color:#52606f}',
      'input[type=text],input[type=tel],input[type=email],select,textarea{display:block;width:100%;',
      'padding:.7rem .8rem;border:1px solid #7d8a99;border-radius:.6rem;background:#fff;',
      'color:inherit;font:inherit}textarea{resize:vertical}',
      ':focus-visible{outline:3px solid #63b5ab;outline-offset:1px}',
      '[aria-invalid=true]{border-color:#a3231f!important}',
      '.wrong{margin:.3rem 0 0;color:#a3231f;font-size:.93em}',
      '.banner{margin:0 0 1rem;padding:.65rem .9rem;border-radius:.6rem;background:#fcebea;',
      'color:#7d1613}.tick{display:flex;gap:.65rem;align-items:flex-start}',
      '.tick input{flex:none;width:1.3rem;height:1.3rem;margin:.1rem 0 0;accent-color:' + accent + '}',
      '.tick label{margin:0;font-weight:400}',
      'button{width:100%;padding:.85rem;border:0;border-radius:.6rem;background:' + accent + ';color:#fff;',
      'font:inherit;font-weight:600;cursor:pointer}button:hover{filter:brightness(.85)}',
      '.pay{display:inline-block;padding:.85rem 1.3rem;border-radius:.6rem;background:' + accent + ';color:#fff;',
      'font-weight:600;text-decoration:none}',
      'button:disabled{background:#52606f;cursor:progress}.done{text-align:center}',
      '.trap{position:absolute;left:-10000px;width:1px;height:1px;overflow:hidden}'
    ].join(''));
    root.adoptedStyleSheets = [sheet];
  }

  function place() {
    host = make('div', { 'data-kartoteka-form': config.form });
    root = host.attachShadow({ mode: 'open' });
    dress();
    build();
    if (document.body && document.body.contains(script)) {
      script.after(host);
    } else {
      document.body.append(host);
    }
  }

  if (document.readyState === 'loading' && !(document.body && document.body.contains(script))) {
    document.addEventListener('DOMContentLoaded', place);
  } else {
    place();
  }
})();
