"""Requests about comments."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box
from onebox.google.sheets.areas import corner
from onebox.google.sheets.comments import (
    check_author,
    fresh_post,
    new_key,
    own_post,
    rewrite,
    shown_post,
    shown_thread,
    status_after,
    thread_of,
    threads,
)
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.reading import Reader, Rendering


def insert_comment(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Start a thread on a cell and answer with it."""
    sheet, row, column = corner(draft, asked.get("coordinate", {}))
    assignee = asked.get("assigneeEmailAddress", "")
    post = fresh_post(draft, {"content": asked.get("content", ""), "assigneeEmail": assignee})
    anchor = {"anchorId": new_key(), "range": Box(row, column, row + 1, column + 1).range(sheet.id)}
    sheet.items("commentAnchors").append(anchor)
    thread = {
        "commentId": new_key(),
        "anchorId": anchor["anchorId"],
        "headPost": post,
        "replies": [],
        "status": "OPEN",
    }
    cell = sheet.cell(row, column)
    quote = Reader(draft.look(), Rendering()).rendered(cell, sheet, (row, column)) if cell else ""
    if quote != "":
        thread["plainTextQuote"] = str(quote)
    threads(draft.book).append(thread)
    return {"commentThread": shown_thread(thread, draft.user)}


def add_reply(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Add a post to a thread, which may resolve or reopen it, and answer with the post."""
    thread = thread_of(draft, asked.get("commentId", ""))
    given = asked.get("post", {})
    action = given.get("commentAction", "")
    if given.get("assigneeEmail") and (
        action in {"RESOLVE", "REOPEN"} or "assigneeEmail" not in thread["headPost"]
    ):
        raise invalid("An assignee can be set only by a reply in an assigned thread.")
    post = fresh_post(draft, given)
    thread["replies"].append(post)
    thread["status"] = status_after(action, thread["status"])
    return {"post": shown_post(post, draft.user)}


def update_post(draft: Draft, asked: dict[str, Any]) -> None:
    """Give an own post another text."""
    thread = thread_of(draft, asked.get("commentId", ""))
    rewrite(draft, own_post(draft, thread, asked.get("postId", "")), asked.get("content", ""))


def delete_comment(draft: Draft, asked: dict[str, Any]) -> None:
    """Remove an own thread with its replies and its anchor; the owner may remove any."""
    thread = thread_of(draft, asked.get("commentId", ""))
    if not draft.owns:
        check_author(draft, thread["headPost"])
    threads(draft.book).remove(thread)
    for sheet in draft.book.sheets:
        anchors = sheet.items("commentAnchors")
        anchors[:] = [one for one in anchors if one["anchorId"] != thread["anchorId"]]


def delete_reply(draft: Draft, asked: dict[str, Any]) -> None:
    """Take the text and the author off an own reply; its place in the thread stays."""
    thread = thread_of(draft, asked.get("commentId", ""))
    post = own_post(draft, thread, asked.get("postId", ""))
    if post is thread["headPost"]:
        raise invalid("The first post of a comment cannot be deleted as a reply.")
    for name in ("content", "by", "assigneeEmail"):
        post.pop(name, None)
    post["deleted"] = True


REQUESTS: dict[str, Handler] = {
    "addCommentReply": add_reply,
    "deleteComment": delete_comment,
    "deleteCommentReply": delete_reply,
    "insertComment": insert_comment,
    "updateCommentPost": update_post,
}
