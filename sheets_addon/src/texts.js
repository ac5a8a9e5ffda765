// Every word that a person reads.

/** @typedef {ReturnType<typeof russian_>} Texts */

/**
 * Texts in the language of the person's Google account: Russian, or English for everybody else.
 * @param {string} locale such as ru or en_GB
 * @returns {Texts}
 */
function texts_(locale) {
  return /^ru/i.test(locale || '') ? russian_() : english_();
}

function russian_() {
  return {
    title: 'Картотека',
    connect: 'Подключить',
    refresh: 'Обновить сейчас',
    askAddress: 'Адрес сервера Картотеки (его даёт администратор), например https://crm.example.ru',
    nowConnected: 'Сейчас: {url}. Оставьте поле пустым, чтобы подключить заново к нему же.',
    needHttps: 'Адрес должен начинаться с https://',
    badAddress:
      'Это не похоже на адрес сервера. Нужно имя латиницей без пробелов, вопросительных знаков и паролей.',
    busy: 'Таблицу сейчас подключает другой сотрудник. Подождите минуту и повторите.',
    noIdentity:
      'Google не подтвердил, кто вы. Закройте таблицу, откройте снова и дайте все запрошенные разрешения.',
    connected: 'Готово: правки этой таблицы сразу уходят в Картотеку.',
    serverDenied:
      'Сервер ответил, но не узнал эту таблицу (код {status}). Передайте администратору номер для настройки ' +
      'addon_audience:\n{audience}\nКогда он его добавит, правки пойдут сами.',
    serverSilent:
      'Таблица подключена, но сервер пока не ответил как надо (код {status}). Проверьте адрес. Правки не ' +
      'пропадут: их найдёт очередная сверка.',
    editKept:
      'Правка сохранена в таблице. Сервер сейчас не ответил: её найдёт очередная сверка, повторять не нужно.',
    editDenied:
      'Правка сохранена в таблице, её найдёт очередная сверка. Сервер не узнал эту таблицу: меню «Картотека», ' +
      '«Подключить».',
    notConnected: 'Таблица ещё не подключена: меню «Картотека», «Подключить».',
    refreshing: 'Сервер сверяет таблицу, изменения появятся через несколько секунд.',
    refreshFailed:
      'Сервер не принял просьбу (код {status}). Очередная сверка пройдёт сама в течение минуты.',
  };
}

/** @returns {Texts} */
function english_() {
  return {
    title: 'Kartoteka',
    connect: 'Connect',
    refresh: 'Refresh now',
    askAddress:
      'Address of the Kartoteka server (from your administrator), such as https://crm.example.com',
    nowConnected: 'Now: {url}. Leave the field empty to connect to it again.',
    needHttps: 'The address must start with https://',
    badAddress:
      'This does not look like the address of a server: a name without spaces, question marks or passwords.',
    busy: 'A colleague is connecting this book right now. Wait a minute and try again.',
    noIdentity:
      'Google did not confirm who you are. Close the book, open it again and grant all permissions asked for.',
    connected: 'Done: edits of this book go to Kartoteka at once.',
    serverDenied:
      'The server answered but does not know this book (code {status}). Give your administrator this number for ' +
      'the setting addon_audience:\n{audience}\nOnce it is added, edits go by themselves.',
    serverSilent:
      'The book is connected, but the server has not answered properly yet (code {status}). Check the address. No ' +
      'edit is lost: the next pass will find it.',
    editKept:
      'Your edit is kept in the sheet. The server did not answer: the next pass will find it, do not repeat it.',
    editDenied:
      'Your edit is kept in the sheet, the next pass will find it. The server does not know this book: menu ' +
      'Kartoteka, Connect.',
    notConnected: 'This book is not connected yet: menu Kartoteka, Connect.',
    refreshing: 'The server is checking the book, changes appear in a few seconds.',
    refreshFailed:
      'The server refused (code {status}). The next pass runs by itself within a minute.',
  };
}
