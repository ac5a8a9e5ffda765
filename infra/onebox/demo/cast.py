"""The people of the day and the ways a telephone call goes. All of them are invented."""

from onebox.demo.acts import Chat

MARIA, IRINA, OLEG = "+79005550101", "+79005550102", "+79005550103"
SVETA, TIMUR, PAVEL = "+79005550104", "+79005550105", "+79005550106"
RUSLAN, DMITRI, GLEB_OWN = "+79005550107", "+79005550108", "+74950000106"
NINA, KIRILL, YULIA, ZAUR = "+79005550111", "+79005550112", "+79005550113", "+79005550114"
FEDOR, ALINA, STRANGER, LATE = "+79005550115", "+79005550116", "+79005550117", "+79005550118"
FORMULA, SCRIPT, LONG, FORGED = "+79005550121", "+79005550122", "+79005550123", "+79005550129"
NIGHT = "+79005550133"
ANNA, BORIS = "anna@office.example", "boris@office.example"
VERA, GLEB = "vera@office.example", "gleb@office.example"
VIKTOR = "viktor@office.example"

ARTEM = Chat(7_100_000_001, "Артём", "Лебедев")
FOX = Chat(7_100_000_002, "🦊 Ли\u200bса", "\u202eсила\u202c \u200fשלום")
DIMA = Chat(7_100_000_003, "Дмитрий", "Воронов")
LEILA = Chat(7_100_000_004, "Лейла", "Гасанова")
ROMAN = Chat(7_100_000_005, "Роман", "Щукин")
LONG_NAME = "Константин-" * 909 + "И"  # 10,000 characters

TALK = ("ringing", "answered", "ended")
DIALLED = ("ringing", "ended")
MISSED = ("ringing", "missed")
