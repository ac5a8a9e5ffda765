"""The afternoon, the night and the next morning."""

from onebox.demo.acts import OWNER, Chat, Edit, Form, Ring, Story, Update, Wave
from onebox.demo.cast import (
    ALINA,
    ANNA,
    BORIS,
    DIALLED,
    FEDOR,
    GLEB,
    IRINA,
    LATE,
    MARIA,
    MISSED,
    NIGHT,
    OLEG,
    ROMAN,
    TALK,
    VERA,
    ZAUR,
)

AFTERNOON = (
    Wave(
        "13:30",
        (
            Story(
                "Нина, Кирилл и Юлия заполнили форму в обед",
                "Nina, Kirill and Yulia fill in the form at lunch time",
                (
                    Form(
                        {
                            "name": "Нина Павлова",
                            "phone": "+7 900 555 01 11",
                            "message": "Не отдают задаток за квартиру, 300 тысяч.",
                        }
                    ),
                    Form(
                        {
                            "name": "Кирилл Ермаков",
                            "phone": "+7 900 555 01 12",
                            "email": "ermakov@mail.example",
                            "message": "Нужен договор с подрядчиком на ремонт офиса.",
                        }
                    ),
                    Form(
                        {
                            "name": "Юлия Ларина",
                            "phone": "+7 900 555 01 13",
                            "message": "Алименты: бывший муж сменил работу и не платит.",
                            "utm_source": "vk",
                        },
                        "json",
                    ),
                ),
            ),
            Story(
                "Заур и Фёдор не дозвонились: все на обеде",
                "Zaur and Fyodor get no answer: everybody is at lunch",
                (Ring("c14", ZAUR, MISSED, 40), Ring("c15", FEDOR, MISSED, 27)),
            ),
        ),
    ),
    Wave(
        "14:10",
        (
            Story(
                "Вера перезвонила Зауру: увольнение без приказа, берём",
                "Vera calls Zaur back: dismissed without an order, we take it",
                (Ring("c16", ZAUR, TALK, 11, 205, "out", VERA),),
            ),
            Story(
                "Фёдор не ответил Глебу: попытка, вернёмся через час",
                "Fyodor does not answer Gleb: an attempt, again in an hour",
                (Ring("c17", FEDOR, DIALLED, 30, 0, "out", GLEB),),
            ),
            Story(
                "Павел дополнил заявку: та же заявка, не новая",
                "Pavel adds to his request: the same one, not a new one",
                (
                    Form(
                        {
                            "name": "Павел Дроздов",
                            "phone": "+79005550106",
                            "message": "Нашёл фотографии с места аварии, готов прислать.",
                        }
                    ),
                ),
            ),
        ),
    ),
    Wave(
        "15:05",
        (
            Story(
                "После разговора Ирина становится сделкой: теперь таблица согласна",
                "After the talk Irina becomes a deal: now the sheet agrees",
                (Edit(OWNER, IRINA, "stage", "Качественный → сделка"),),
            ),
            Story(
                "Олег подумает до Нового года: отложенный спрос",
                "Oleg will think until the New Year: deferred demand",
                (Edit(OWNER, OLEG, "stage", "Отложенный спрос"),),
            ),
            Story(
                "Борис поговорил с Марией",
                "Boris talks to Maria at last",
                (Ring("c18", MARIA, TALK, 10, 320, "out", BORIS),),
            ),
        ),
    ),
    Wave(
        "16:30",
        (
            Story(
                "Ирина вернулась с новым вопросом: новая заявка, отмечена как повторная",
                "Irina comes back with a new question: a new request, marked as a repeat",
                (
                    Form(
                        {
                            "name": "Ирина Шевцова",
                            "email": "irina@mail.example",
                            "phone": "+79005550102",
                            "message": "Брат оспаривает завещание, можно ли успеть до суда?",
                        },
                        "json",
                    ),
                ),
            ),
            Story(
                "Алине ответил Глеб: ипотека и страховка",
                "Gleb answers Alina: a mortgage and its insurance",
                (Ring("c19", ALINA, TALK, 4, 75, "in", GLEB),),
            ),
            Story(
                "Роман нажал кнопку бота «Перезвоните мне»",
                "Roman presses the bot's button «Call me back»",
                (
                    Update(
                        10,
                        ROMAN,
                        content={"id": "77", "data": "Перезвоните мне"},
                        kind="callback_query",
                    ),
                ),
            ),
            Story(
                "Телефонная станция повторила звонок Алины целиком",
                "The exchange repeats Alina's whole call",
                (Ring("c19", ALINA, ("ended",), 4, 75, "in", GLEB),),
            ),
        ),
    ),
)

EVENING = (
    Wave(
        "17:52",
        (
            Story(
                "Заявка за восемь минут до закрытия: срок переходит на утро",
                "A request eight minutes before closing: it is due in the morning",
                (
                    Form(
                        {
                            "name": "Олег Смолин",
                            "phone": "+7 900 555-01-31",
                            "message": "Сосед построил забор на нашей земле.",
                        }
                    ),
                ),
            ),
            Story(
                "Поздний пропущенный звонок",
                "A late missed call",
                (Ring("c20", LATE, MISSED, 18),),
            ),
        ),
    ),
    Wave(
        "21:40",
        (
            Story(
                "Ночное сообщение боту",
                "A message to the bot at night",
                (
                    Update(
                        11,
                        Chat(7_100_000_006, "Пётр"),
                        "Меня остановили, забирают машину на штрафстоянку. Что подписывать?",
                    ),
                ),
            ),
            Story(
                "Ночная форма: ответят утром, с открытием",
                "A form at night: it is answered when the office opens",
                (
                    Form(
                        {
                            "name": "Галина Ночная",
                            "phone": NIGHT,
                            "message": "Залив квартиры в час ночи, куда звонить?",
                        }
                    ),
                ),
            ),
        ),
    ),
    Wave(
        "09:20",
        (
            Story(
                "Утро: о ночных заявках уже напомнили; Анна звонит первой из них",
                "Morning: the night's requests are on the lists; Anna calls the first",
                (Ring("c21", NIGHT, TALK, 12, 110, "out", ANNA),),
            ),
        ),
        day=1,
    ),
)
