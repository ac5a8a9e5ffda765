// From Google's events to the bodies that the server reads. Pure: asks only the objects it is given.

/**
 * The part of a sheet that an edit needs; row and column numbers start at 1.
 * @typedef {object} SheetOfEdit
 * @property {() => number} getSheetId
 * @property {() => number} getLastRow last row with content, 0 for an empty sheet
 * @property {() => number} getFrozenRows rows of headings
 * @property {(row: number, column: number, rows: number, columns: number) => {getValues(): any[][]}} getRange
 */

/**
 * @typedef {object} EditedRange
 * @property {() => SheetOfEdit} getSheet
 * @property {() => number} getRow
 * @property {() => number} getLastRow
 * @property {() => number} getColumn
 * @property {() => number} getLastColumn
 */

/**
 * @typedef {object} Book
 * @property {() => string} getId
 * @property {(message: string, title: string, seconds: number) => void} toast
 */

/**
 * What both triggers carry; `user` is missing or nameless for people of other domains.
 * @typedef {object} BookEvent
 * @property {Book} source
 * @property {{getEmail(): string}} [user]
 * @property {string} [triggerUid]
 */

/**
 * `value` and `oldValue` come only with a single cell, and not when that side was empty.
 * @typedef {BookEvent & {range: EditedRange, value?: unknown, oldValue?: unknown}} EditEvent
 */

/** @typedef {BookEvent & {changeType: string}} ChangeEvent */

/**
 * Body of one edit: where, which records, and the text of a single cell.
 *
 * `rows` and `columns` are [first, last]; `headers` are the names above them; `ids` has one record id
 * per row of `rows`, '' where column A
 * has none and for headings. Rows under the last used one are left out, for clearing a whole column is
 * an edit of every row of the grid.
 * @param {EditEvent} event
 * @param {Date} now
 */
function editBody_(event, now) {
  const range = event.range;
  const sheet = range.getSheet();
  const rows = usedRows_(range.getRow(), range.getLastRow(), sheet.getLastRow());
  return {
    workbook: event.source.getId(),
    sheet_id: sheet.getSheetId(),
    user: emailOf_(event.user),
    rows: rows,
    columns: [range.getColumn(), range.getLastColumn()],
    ids: idsOf_(sheet, rows),
    headers: headersOf_(sheet, range.getColumn(), range.getLastColumn()),
    value: textOrNull_(event.value),
    old_value: textOrNull_(event.oldValue),
    at: now.toISOString(),
  };
}

/**
 * Body of a structural change; Google does not say which rows.
 * @param {ChangeEvent} event
 * @param {Date} now
 */
function changeBody_(event, now) {
  return noticeBody_(event.source.getId(), event.changeType, emailOf_(event.user), now);
}

/**
 * Body that concerns a whole book: a structural change, REFRESH (a person asks) or CONNECT.
 * @param {string} workbook
 * @param {string} change
 * @param {string} user
 * @param {Date} now
 */
function noticeBody_(workbook, change, user, now) {
  return { workbook: workbook, sheet_id: null, change: change, user: user, at: now.toISOString() };
}

/**
 * Whether a change can have touched records: EDIT has its own trigger, FORMAT is only looks.
 * @param {string} changeType
 */
function movesRecords_(changeType) {
  return changeType !== 'EDIT' && changeType !== 'FORMAT';
}

/**
 * [first, last] cut to the used rows of the sheet; always at least the first row.
 * @param {number} first
 * @param {number} last
 * @param {number} lastUsed
 */
function usedRows_(first, last, lastUsed) {
  return [first, Math.max(first, Math.min(last, lastUsed))];
}

/**
 * Record ids of the rows, from column A, in one read.
 * @param {SheetOfEdit} sheet
 * @param {number[]} rows [first, last]
 * @returns {string[]}
 */
function idsOf_(sheet, rows) {
  const headings = sheet.getFrozenRows();
  const cells = sheet.getRange(rows[0], 1, rows[1] - rows[0] + 1, 1).getValues();
  return cells.map((row, index) => (rows[0] + index > headings ? String(row[0]) : ''));
}

/**
 * What stands in the first row above the edited columns: a column may be dragged before we are heard.
 * @param {SheetOfEdit} sheet
 * @param {number} first
 * @param {number} last
 * @returns {string[]}
 */
function headersOf_(sheet, first, last) {
  return sheet.getRange(1, first, 1, last - first + 1).getValues()[0].map(String);
}

/**
 * The text of a cell as the event tells it, null when it tells none.
 * @param {unknown} value
 * @returns {string | null}
 */
function textOrNull_(value) {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

/**
 * @param {{getEmail(): string} | undefined} user
 * @returns {string} '' when Google does not say who it was
 */
function emailOf_(user) {
  return (user && user.getEmail()) || '';
}
