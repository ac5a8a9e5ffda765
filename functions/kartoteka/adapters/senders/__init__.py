"""Who sends letters and SMS to many: the office's mailbox and services of mail and SMS."""
