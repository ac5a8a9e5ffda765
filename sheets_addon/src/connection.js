// What the add-on keeps and installs in a book: the address of the server and two triggers.

/**
 * @param {GoogleAppsScript.Base.Ui} ui
 * @param {Texts} say
 */
function addMenu_(ui, say) {
  ui.createMenu(say.title)
    .addItem(say.connect, 'connect')
    .addItem(say.refresh, 'refreshNow')
    .addToUi();
}

/**
 * Ask for the address, install the triggers, call the server once and tell how it went.
 * @param {GoogleAppsScript.Base.Ui} ui
 * @param {Texts} say
 */
function connectBook_(ui, say) {
  const base = askBase_(ui, say);
  if (!base) return;
  const token = ScriptApp.getIdentityToken();
  if (!token) return tell_(ui, say, say.noIdentity);
  const audience = audienceOf_(token, decode_);
  if (!keep_(SpreadsheetApp.getActive(), base, audience)) return tell_(ui, say, say.busy);
  const status = notice_(SpreadsheetApp.getActive(), base, token, 'CONNECT');
  tell_(ui, say, outcomeOf_(say, status, audience));
}

/**
 * The address a person typed, '' when the window was closed; a wrong one is explained and asked again.
 * @param {GoogleAppsScript.Base.Ui} ui
 * @param {Texts} say
 */
function askBase_(ui, say) {
  const held = PropertiesService.getDocumentProperties().getProperty('base_url') || '';
  let question = held
    ? say.askAddress + '\n' + say.nowConnected.replace('{url}', held)
    : say.askAddress;
  for (;;) {
    const answer = ui.prompt(say.title, question, ui.ButtonSet.OK_CANCEL);
    if (answer.getSelectedButton() !== ui.Button.OK) return '';
    const base = baseUrl_(answer.getResponseText() || held);
    if (!base.problem) return base.url;
    question = say[base.problem] + '\n\n' + say.askAddress;
  }
}

/**
 * Install the triggers and remember them with the address; false when another person is connecting now.
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {string} base
 * @param {string} audience
 */
function keep_(book, base, audience) {
  const lock = LockService.getDocumentLock();
  if (!lock.tryLock(10000)) return false;
  try {
    const triggers = installTriggers_(book).join(' ');
    PropertiesService.getDocumentProperties().setProperties({
      base_url: base,
      audience: audience,
      triggers: triggers,
    });
  } finally {
    lock.releaseLock();
  }
  return true;
}

/**
 * Replace this person's triggers by new ones; Google hides those of others, see isCurrent_.
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @returns {string[]} ids of the new triggers
 */
function installTriggers_(book) {
  ScriptApp.getUserTriggers(book).forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  const onEdit = ScriptApp.newTrigger('edited').forSpreadsheet(book).onEdit().create();
  const onChange = ScriptApp.newTrigger('changed').forSpreadsheet(book).onChange().create();
  return [onEdit.getUniqueId(), onChange.getUniqueId()];
}

/**
 * Whether the event comes from the triggers of the last connection. The triggers of the person who
 * connected before still fire, and must not send the same edit a second time.
 * @param {BookEvent} event
 */
function isCurrent_(event) {
  const triggers = PropertiesService.getDocumentProperties().getProperty('triggers') || '';
  return triggers.split(' ').includes(String(event.triggerUid));
}

/**
 * Send what a trigger saw; a failure becomes a toast, never an error, for the edit itself is safe.
 * @param {Book} book
 * @param {object} body
 */
function report_(book, body) {
  const base = PropertiesService.getDocumentProperties().getProperty('base_url');
  const token = ScriptApp.getIdentityToken();
  const status = base && token ? deliver_(wire_(), base, token, body) : 401;
  if (isDone_(status)) return;
  const say = texts_(Session.getActiveUserLocale());
  book.toast(isDenied_(status) ? say.editDenied : say.editKept, say.title, 15);
}

/**
 * Ask for a pass over the whole book and tell how it went.
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {Texts} say
 */
function refreshBook_(book, say) {
  const base = PropertiesService.getDocumentProperties().getProperty('base_url');
  const token = ScriptApp.getIdentityToken();
  if (!base || !token) return book.toast(say.notConnected, say.title, 15);
  const status = notice_(book, base, token, 'REFRESH');
  book.toast(
    isDone_(status) ? say.refreshing : say.refreshFailed.replace('{status}', String(status)),
    say.title,
    15,
  );
}

/**
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {string} base
 * @param {string} token
 * @param {string} change
 */
function notice_(book, base, token, change) {
  const user = emailOf_(Session.getActiveUser());
  return deliver_(wire_(), base, token, noticeBody_(book.getId(), change, user, new Date()));
}

/** @returns {Wire} */
function wire_() {
  return {
    fetch: (url, options) => UrlFetchApp.fetch(url, options),
    pause: (time) => Utilities.sleep(time),
  };
}

/** @param {string} base64 */
function decode_(base64) {
  return Utilities.newBlob(Utilities.base64DecodeWebSafe(base64)).getDataAsString();
}

/**
 * @param {Texts} say
 * @param {number} status
 * @param {string} audience
 */
function outcomeOf_(say, status, audience) {
  if (isDone_(status)) return say.connected;
  const reason = isDenied_(status) ? say.serverDenied : say.serverSilent;
  return reason.replace('{status}', String(status)).replace('{audience}', audience);
}

/**
 * @param {GoogleAppsScript.Base.Ui} ui
 * @param {Texts} say
 * @param {string} message
 */
function tell_(ui, say, message) {
  ui.alert(say.title, message, ui.ButtonSet.OK);
}
