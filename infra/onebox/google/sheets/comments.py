"""Comment threads of a spreadsheet: kept with the workbook, anchored to single cells.

Source: CommentThread, Post and CommentAnchor of the discovery document.
"""

import html
import secrets
from typing import Any

from onebox.google.errors import forbidden, invalid
from onebox.google.sheets.book import Book
from onebox.google.sheets.draft import Draft, same_person

Thread = dict[str, Any]

_LONGEST = 2048
_ENDINGS = {"RESOLVE": "RESOLVED", "REOPEN": "OPEN"}


def threads(book: Book) -> list[Thread]:
    """Return the threads of a workbook as they are kept, `by` instead of the author's resource."""
    found: list[Thread] = book.meta.setdefault("comments", [])
    return found


def fresh_post(draft: Draft, given: dict[str, Any]) -> dict[str, Any]:
    """Return a new post of the user.

    Raises:
        GoogleError: INVALID_ARGUMENT when it says nothing or too much.
    """
    action = given.get("commentAction", "NO_COMMENT_ACTION_CHANGE")
    check_content(given.get("content", ""), may_be_empty=action in _ENDINGS)
    now = _stamp(draft)
    post = {"postId": new_key(), "by": draft.user, "createTime": now, "updateTime": now}
    post |= {name: given[name] for name in ("content", "assigneeEmail") if given.get(name)}
    if action in _ENDINGS:
        post["commentAction"] = action
    return post


def check_content(text: str, *, may_be_empty: bool = False) -> None:
    """Refuse an empty text and one of more than 2048 UTF-8 code units."""
    if not text and not may_be_empty:
        raise invalid("Comment content must not be empty.")
    if len(text.encode()) > _LONGEST:
        raise invalid(f"Comment content must not exceed {_LONGEST} UTF-8 code units.")


def new_key() -> str:
    """Return an id of the kind that comments have."""
    return "AAAB" + secrets.token_urlsafe(6)


def _stamp(draft: Draft) -> str:
    return draft.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def thread_of(draft: Draft, comment_id: str) -> Thread:
    """Return a thread by its id."""
    for thread in threads(draft.book):
        if thread["commentId"] == comment_id:
            return thread
    raise invalid(f"No comment with id: {comment_id}")


def own_post(draft: Draft, thread: Thread, post_id: str) -> dict[str, Any]:
    """Return a post of a thread that the user wrote; others' posts may not be changed."""
    for post in (thread["headPost"], *thread["replies"]):
        if post["postId"] == post_id:
            check_author(draft, post)
            found: dict[str, Any] = post
            return found
    raise invalid(f"No post with id: {post_id}")


def check_author(draft: Draft, post: dict[str, Any]) -> None:
    """Refuse a change of a post by anybody but its author."""
    if not same_person(post.get("by", ""), draft.user):
        raise forbidden()


def rewrite(draft: Draft, post: dict[str, Any], content: str) -> None:
    """Give a post another text."""
    check_content(content)
    post |= {"content": content, "updateTime": _stamp(draft)}


def shown_thread(thread: Thread, user: str) -> dict[str, Any]:
    """Return a CommentThread as a user sees it."""
    replies = [shown_post(one, user) for one in thread["replies"]]
    found = {**thread, "headPost": shown_post(thread["headPost"], user), "replies": replies}
    return {name: item for name, item in found.items() if item != []}


def shown_post(post: dict[str, Any], user: str) -> dict[str, Any]:
    """Return a Post as a user sees it; of a deleted one neither text nor author."""
    found = {name: item for name, item in post.items() if name != "by"}
    if post.get("deleted"):
        return found
    by = post["by"]
    author: dict[str, Any] = {"displayName": by.partition("@")[0]}
    if same_person(by, user):
        author["me"] = True
    if "content" in post:
        found["contentHtml"] = html.escape(post["content"])
    return {**found, "author": author}


def status_after(action: str, status: str) -> str:
    """Return the status of a thread after a post with an action."""
    return _ENDINGS.get(action, status)
