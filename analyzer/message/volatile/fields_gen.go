// Code generated from fields.toml by generate.go; DO NOT EDIT.

package volatile

// Version is the version of the list.
const Version = 3

// shortest is the length of its shortest name.
const shortest = 4

// fields is the list, in order.
var fields = []field{
	{"content-length", false, 1},
	{"forwarded", false, 2},
	{"lines", false, 1},
	{"redistributed", false, 2},
	{"replied", false, 2},
	{"status", false, 1},
	{"x-account-key", false, 2},
	{"x-antivirus", false, 2},
	{"x-antivirus-status", false, 2},
	{"x-apple-auto-saved", false, 2},
	{"x-apple-base-url", false, 2},
	{"x-apple-content-length", false, 2},
	{"x-apple-mail-", true, 2},
	{"x-avast-", true, 2},
	{"x-avg-", true, 2},
	{"x-balsa-", true, 2},
	{"x-becky-", true, 2},
	{"x-claws-", true, 2},
	{"x-content-length", false, 2},
	{"x-evolution", false, 2},
	{"x-evolution-", true, 2},
	{"x-fetchmail-warning", false, 3},
	{"x-from-line", false, 2},
	{"x-getmail-", true, 2},
	{"x-gm-labels", false, 2},
	{"x-gm-msgid", false, 2},
	{"x-gm-thrid", false, 1},
	{"x-gmail-labels", false, 1},
	{"x-gmail-msgid", false, 3},
	{"x-gmail-thrid", false, 3},
	{"x-gnus-", true, 2},
	{"x-identity-key", false, 2},
	{"x-imap", true, 1},
	{"x-keywords", false, 1},
	{"x-kmail-", true, 2},
	{"x-label", false, 2},
	{"x-mew-", true, 2},
	{"x-mhe-checksum", false, 2},
	{"x-mozilla-", true, 1},
	{"x-mutt-", true, 2},
	{"x-offlineimap", true, 2},
	{"x-persona", false, 2},
	{"x-pm-placeholder", false, 2},
	{"x-pmflags", false, 2},
	{"x-rmail-attributes", false, 2},
	{"x-status", false, 1},
	{"x-sylpheed-", true, 2},
	{"x-thebat-", true, 2},
	{"x-tuid", false, 2},
	{"x-uid", false, 1},
	{"x-uidl", false, 2},
	{"x-uniform-type-identifier", false, 2},
	{"x-universally-unique-identifier", false, 2},
	{"x-vm-", true, 2},
	{"xref", false, 2},
}

// fetchers are the programs that fetch mail.
var fetchers = []fetcher{
	{" (fetchmail-", "", 3},
	{" getmail6", "delivered-to", 3},
	{" with POP3", "delivered-to", 3},
	{" with IMAP4", "delivered-to", 3},
}

// initials are the letters that its names begin with.
var initials = [256]uint8{'c': 1, 'f': 1, 'l': 1, 'r': 1, 's': 1, 'x': 1}
