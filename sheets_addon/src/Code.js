// What Google calls: one simple trigger, two installable triggers, two menu items.
// Every file of the project shares one global scope, so only functions live there.

/** Add the menu when a person opens the book (simple trigger: nothing else is allowed here). */
function onOpen() {
  addMenu_(SpreadsheetApp.getUi(), texts_(Session.getActiveUserLocale()));
}

/** Menu: connect this book to a server. */
function connect() {
  connectBook_(SpreadsheetApp.getUi(), texts_(Session.getActiveUserLocale()));
}

/** Menu: ask the server to compare the whole book with its records now. */
function refreshNow() {
  refreshBook_(SpreadsheetApp.getActive(), texts_(Session.getActiveUserLocale()));
}

/**
 * Installable edit trigger: one call to the server per edit, whatever its size.
 * @param {GoogleAppsScript.Events.SheetsOnEdit} event
 */
function edited(event) {
  if (isCurrent_(event)) report_(event.source, editBody_(event, new Date()));
}

/**
 * Installable change trigger: rows and columns that came, went or moved.
 * @param {GoogleAppsScript.Events.SheetsOnChange} event
 */
function changed(event) {
  if (isCurrent_(event) && movesRecords_(event.changeType))
    report_(event.source, changeBody_(event, new Date()));
}
