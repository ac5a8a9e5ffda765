'use strict';
// Google's services by hand: they keep what the add-on does to them and copy the traps that matter.
// A service answers only if the manifest asks for its scope, as Google would.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const ROOT = path.join(__dirname, '..');
const SOURCES = fs
  .readdirSync(path.join(ROOT, 'src'))
  .filter((name) => name.endsWith('.js'))
  .sort();
const GOOGLE = 'https://www.googleapis.com/auth/';

const manifestScopes = () =>
  JSON.parse(fs.readFileSync(path.join(ROOT, 'appsscript.json'), 'utf8')).oauthScopes;

/** A JSON Web Token as Google signs it, as far as the add-on can look into it. */
function identityToken(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'RS256' }), part(claims), 'signature'].join('.');
}

/**
 * The world of one person: answers are taken in turn by UrlFetchApp (a status, or an Error to throw),
 * then `then` forever; typed are the texts typed into prompts (null closes the window).
 */
function world({
  locale = 'ru',
  scopes = manifestScopes(),
  email = 'anna@office.example',
  answers = [],
  then = 200,
  typed = [],
  lockFree = true,
  cells = [],
  frozen = 1,
  held = {},
  triggers = [],
} = {}) {
  const seen = {
    calls: [],
    pauses: [],
    toasts: [],
    alerts: [],
    prompts: [],
    menus: [],
    reads: [],
    triggers: [...triggers],
    properties: { ...held },
    lock: [],
  };
  const need = (scope) => {
    if (!scopes.includes(scope)) throw new Error(`no permission: ${scope}`);
  };
  const sheets = () => need(`${GOOGLE}spreadsheets.currentonly`);

  const sheet = {
    getSheetId: () => 77,
    getLastRow: () => cells.length,
    getFrozenRows: () => frozen,
    getRange(row, column, rows, columns) {
      sheets();
      if (rows < 1 || columns < 1)
        throw new Error('The number of rows in the range must be at least 1.');
      seen.reads.push([row, column, rows, columns]);
      const at = (r, c) => cells[r]?.[c] ?? '';
      const values = Array.from({ length: rows }, (_, r) =>
        Array.from({ length: columns }, (__, c) => at(row - 1 + r, column - 1 + c)),
      );
      return { getValues: () => values };
    },
  };
  const book = {
    getId: () => 'book-1',
    toast(message, title, seconds) {
      sheets();
      seen.toasts.push({ message, title, seconds });
    },
  };
  const range = (row, lastRow, column, lastColumn) => ({
    getSheet: () => sheet,
    getRow: () => row,
    getLastRow: () => lastRow,
    getColumn: () => column,
    getLastColumn: () => lastColumn,
  });
  const user = { getEmail: () => (need(`${GOOGLE}userinfo.email`), email) };

  const ui = {
    Button: { OK: 'OK', CANCEL: 'CANCEL', CLOSE: 'CLOSE' },
    ButtonSet: { OK: 'OK', OK_CANCEL: 'OK_CANCEL' },
    createMenu(title) {
      const items = [];
      const menu = {
        addItem: (caption, name) => (items.push([caption, name]), menu),
        addToUi: () => void seen.menus.push({ title, items }),
      };
      return menu;
    },
    prompt(title, message, buttons) {
      need(`${GOOGLE}script.container.ui`);
      seen.prompts.push({ title, message, buttons });
      const text = typed.shift() ?? null;
      return {
        getSelectedButton: () => (text === null ? 'CLOSE' : 'OK'),
        getResponseText: () => text ?? '',
      };
    },
    alert(title, message, buttons) {
      need(`${GOOGLE}script.container.ui`);
      seen.alerts.push({ title, message, buttons });
      return 'OK';
    },
  };

  const triggerBuilder = (handler) => {
    let event = '';
    const builder = {
      forSpreadsheet: () => builder,
      onEdit: () => ((event = 'ON_EDIT'), builder),
      onChange: () => ((event = 'ON_CHANGE'), builder),
      create() {
        const id = `trigger-${email}-${seen.triggers.length + 1}-${handler}`;
        const trigger = { handler, event, owner: email, getUniqueId: () => id };
        seen.triggers.push(trigger);
        return trigger;
      },
    };
    return builder;
  };

  const services = {
    SpreadsheetApp: { getUi: () => ui, getActive: () => (sheets(), book) },
    Session: { getActiveUserLocale: () => locale, getActiveUser: () => user },
    PropertiesService: {
      getDocumentProperties: () => ({
        getProperty: (name) => seen.properties[name] ?? null,
        setProperties: (values) => void Object.assign(seen.properties, values),
      }),
    },
    LockService: {
      getDocumentLock: () => ({
        tryLock: () => (lockFree && seen.lock.push('taken'), lockFree),
        releaseLock: () => void seen.lock.push('released'),
      }),
    },
    ScriptApp: {
      // Without openid Google does not fail: it returns null.
      getIdentityToken: () =>
        scopes.includes('openid') ? identityToken({ aud: 'client-1.example', email }) : null,
      getUserTriggers: () => (
        need(`${GOOGLE}script.scriptapp`),
        seen.triggers.filter((trigger) => trigger.owner === email)
      ),
      deleteTrigger: (gone) => void (seen.triggers = seen.triggers.filter((t) => t !== gone)),
      newTrigger: (handler) => (need(`${GOOGLE}script.scriptapp`), triggerBuilder(handler)),
    },
    UrlFetchApp: {
      fetch(url, options) {
        need(`${GOOGLE}script.external_request`);
        seen.calls.push({ url, options, body: JSON.parse(options.payload) });
        const answer = answers.length ? answers.shift() : then;
        if (answer instanceof Error) throw answer;
        if (answer >= 400 && !options.muteHttpExceptions) throw new Error(`failed: ${answer}`);
        return { getResponseCode: () => answer };
      },
    },
    Utilities: {
      sleep: (milliseconds) => void seen.pauses.push(milliseconds),
      base64DecodeWebSafe(text) {
        if (text.length % 4) throw new Error('Could not decode string.');
        return [...Buffer.from(text, 'base64url')];
      },
      newBlob: (bytes) => ({ getDataAsString: () => Buffer.from(bytes).toString('utf8') }),
    },
  };

  const script = load(services);
  const current = () => (seen.properties.triggers || '').split(' ');
  const event = (more) => ({ source: book, user, triggerUid: current()[0], ...more });
  return { seen, script, ui, book, range, event, services };
}

/** All source files in one global scope, in the given order, as Apps Script runs them. */
function load(services, order = SOURCES) {
  const context = vm.createContext({ ...services });
  for (const name of order) {
    vm.runInContext(fs.readFileSync(path.join(ROOT, 'src', name), 'utf8'), context, {
      filename: name,
    });
  }
  return context;
}

module.exports = { ROOT, SOURCES, identityToken, load, manifestScopes, world };
