// Package content recognises by its first bytes what a file is.
//
// Names lie: Thunderbird's mailboxes have no extension, Apple's X.mbox is a folder, a browser renames downloads. So
// files are opened by content; a name only helps where content says nothing, as with a message of one header field.
package content

import (
	"bytes"
	"path"
	"strings"
)

// Kind is what a file is.
type Kind string

// Kinds that hold mail or lead to it.
const (
	Mbox  Kind = "mbox"
	Eml   Kind = "eml"
	Emlx  Kind = "emlx"
	Zip   Kind = "zip"
	Tar   Kind = "tar"
	Gzip  Kind = "gzip"
	Bzip2 Kind = "bzip2"
	Xz    Kind = "xz"
	Zstd  Kind = "zstd"
	LZ4   Kind = "lz4"   // of the lz4 program, or in Dovecot's framing
	UTF16 Kind = "utf16" // text of 16-bit characters that is mail
	PST   Kind = "pst"   // Outlook's data file
	OST   Kind = "ost"   // Outlook's cache of an account
)

// Kinds that hold mail in a form that another program has to convert first.
const (
	OLM      Kind = "olm"
	MSG      Kind = "msg"
	DBX      Kind = "dbx"
	SevenZip Kind = "7z"
	RAR      Kind = "rar"
	Packed   Kind = "packed"    // by compress or lzip
	MBX      Kind = "mbx"       // of UW IMAP
	Babyl    Kind = "babyl"     // of Emacs Rmail
	PMM      Kind = "pmm"       // of Pegasus Mail
	TBB      Kind = "tbb"       // of The Bat!
	Crypted  Kind = "encrypted" // by Dovecot's mail_crypt
	Zeroed   Kind = "zeroed"    // the place of a message without its content
	Dbox     Kind = "dbox"      // of Dovecot: a message (sdbox) or many (mdbox) behind a header of its own
)

// Kinds that are no mail.
const (
	Empty       Kind = "empty"
	Picture     Kind = "picture"
	Index       Kind = "index" // of a mail program
	AppleDouble Kind = "apple_double"
	Document    Kind = "document"
	Media       Kind = "media"
	NotMail     Kind = "not_mail"
)

// Window is how many bytes from the start of a file Of wants to see.
const Window = 64 << 10

// Advice tells what to do with mail that has to be converted first; "" for all other kinds.
func (k Kind) Advice() string {
	switch k {
	case OLM:
		return "an Outlook for Mac export (.olm) is not read; import it into Apple Mail or Thunderbird and scan the mailbox there"
	case DBX:
		return "an Outlook Express folder (.dbx) is not read; convert it with `readdbx -f FILE -o FILE.mbox` (package libdbx) and scan that"
	case MBX:
		return "a mailbox of UW IMAP (mbx) is not read; copy it with `mailutil copy FILE '#driver.unix/NEW'` (package uw-mailutils) and scan NEW"
	case Dbox:
		return "a dbox of Dovecot is not read; write the mail out with `doveadm backup -u USER maildir:/FOLDER` and scan FOLDER"
	case Crypted:
		return "mail that Dovecot encrypts (mail_crypt) is not read; write it out with `doveadm backup -u USER maildir:/FOLDER` and scan FOLDER"
	case Zeroed:
		return "the file of a message holds nothing but zeros: its content was lost on the disk"
	case Babyl:
		return "an Rmail file (Babyl) is not read; convert it with unrmail of Emacs and scan the mbox that it makes"
	case PMM:
		return "a folder of Pegasus Mail (.pmm) is not read; copy its messages in Pegasus Mail into a folder of type Unix mailbox and scan that"
	case TBB:
		return "a message base of The Bat! (.tbb) is not read; export its messages in The Bat! as a Unix mailbox or as .eml and scan those"
	case SevenZip, RAR, Packed:
		return "this kind of archive is not read; unpack it and scan the folder"
	}
	return ""
}

// Of tells what a file is. head is its first Window bytes or all of it, name its base name.
func Of(head []byte, name string) Kind {
	if len(head) == 0 {
		return Empty
	}
	if k := indexName(name); k != "" {
		return k
	}
	if k := magic(head); k != "" {
		switch ext := path.Ext(name); {
		case k == Zip && strings.EqualFold(ext, ".olm"):
			return OLM
		case k == Document && bytes.HasPrefix(head, []byte(compound)) && strings.EqualFold(ext, ".msg"):
			return MSG // in a long one the names that tell it from other documents stand far behind
		}
		return k
	}
	if strings.EqualFold(path.Ext(name), ".pmm") && len(head) > pegasusHeader && bytes.IndexByte(head[:pegasusHeader], 0) > 0 && Message(head[pegasusHeader:], 1) {
		return PMM
	}
	if zeroed(head) && (OneMessage(name) || strings.EqualFold(path.Ext(name), ".mbox")) {
		return Zeroed
	}
	if b := narrow(head); b != nil {
		if k := text(b, name); k == Mbox || k == Eml {
			return UTF16
		}
	}
	return text(head, name)
}

// pegasusHeader is how long the header of a folder of Pegasus Mail is: its name and numbers. Messages follow, each up to a
// Control-Z.
const pegasusHeader = 128

// Stored is what a file is that by its place is a message, where it is stored as something else: compressed, encrypted or
// lost; "" for all others. head is its first bytes.
func Stored(head []byte) Kind {
	switch k := magic(head); k {
	case Gzip, Bzip2, Xz, Zstd, LZ4, Packed, Crypted:
		return k
	}
	if zeroed(head) {
		return Zeroed
	}
	return ""
}

func zeroed(head []byte) bool {
	return len(head) > 0 && head[0] == 0 && len(bytes.Trim(head, "\x00")) == 0
}

// narrow is a text of 16-bit characters as one of 8 bits, with "?" for what does not fit; nil for what is none.
func narrow(b []byte) []byte {
	low := 0 // where in a pair the low byte stands
	switch {
	case len(b) < 8:
		return nil
	case b[0] == 0xff && b[1] == 0xfe:
		b = b[2:]
	case b[0] == 0xfe && b[1] == 0xff:
		b, low = b[2:], 1
	case b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		low = 1
	case b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
	default:
		return nil
	}
	out := make([]byte, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		if c := b[low]; b[1-low] == 0 {
			out = append(out, c)
		} else {
			out = append(out, '?')
		}
	}
	return out
}

// indexName knows the files that mail programs keep beside mail and that would pass for text.
func indexName(name string) Kind {
	switch ext := strings.ToLower(path.Ext(name)); {
	case strings.HasPrefix(name, "._"):
		return AppleDouble
	case ext == ".msf", strings.HasPrefix(name, "dovecot"), name == ".DS_Store", name == "table_of_contents",
		name == "maildirsize", name == "maildirfolder", name == "subscriptions", name == ".mh_sequences",
		name == ".uidvalidity", name == ".sylpheed_mark", name == ".sylpheed_cache", name == ".claws_mark", name == ".claws_cache", name == "courierimapuiddb", strings.HasPrefix(name, "courierimap"):
		return Index
	}
	return ""
}

// compound begins Microsoft's compound files: documents of many kinds, Outlook's messages among them.
const compound = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func magic(b []byte) Kind {
	for _, m := range []struct {
		at   int
		mark string
		kind Kind
	}{
		{0, "PK\x03\x04", Zip},
		{0, "PK\x05\x06", Zip},
		{0, "PK\x07\x08PK\x03\x04", Zip},
		{0, "PK00PK\x03\x04", Zip},
		{0, "\x1f\x8b\x08", Gzip},
		{0, "BZh", Bzip2},
		{0, "\xfd7zXZ\x00", Xz},
		{0, "\x28\xb5\x2f\xfd", Zstd},
		{257, "ustar", Tar},
		{0, compound, MSG},
		{0, "\xcf\xad\x12\xfe", DBX},
		{0, "7z\xbc\xaf\x27\x1c", SevenZip},
		{0, "Rar!\x1a\x07", RAR},
		{0, "\x1f\x9d", Packed},
		{0, "\x1f\xa0", Packed},
		{0, "\x04\x22\x4d\x18", LZ4},
		{0, "Dovecot-LZ4\r*\x9b\xc5", LZ4},
		{0, "LZIP\x01", Packed},
		{0, "CRYPTED\x03\x07", Crypted},
		{0, "*mbx*\r\n", MBX},
		{0, "BABYL OPTIONS:", Babyl},
		{0, "\x21\x09\x70\x19", TBB},
		{0, "\xff\xd8\xff", Picture},
		{0, "\x89PNG\r\n\x1a\n", Picture},
		{0, "GIF87a", Picture},
		{0, "GIF89a", Picture},
		{0, "BM", Picture},
		{0, "II*\x00", Picture},
		{0, "MM\x00*", Picture},
		{8, "WEBP", Picture},
		{4, "ftyphei", Picture},
		{0, "%PDF-", Document},
		{0, "{\\rtf", Document},
		{4, "ftyp", Media},
		{0, "ID3", Media},
		{0, "OggS", Media},
		{0, "RIFF", Media},
		{0, "\x1aE\xdf\xa3", Media},
		{0, "// <!-- <mdb:mork", Index},
		{0, "SQLite format 3\x00", Index},
		{0, "\x00\x05\x16\x07", AppleDouble},
		{0, "\x00\x05\x16\x00", AppleDouble},
	} {
		if len(b) < m.at+len(m.mark) || string(b[m.at:m.at+len(m.mark)]) != m.mark {
			continue
		}
		switch {
		case m.kind == Bzip2 && (len(b) < 10 || b[3] < '1' || b[3] > '9' || string(b[4:10]) != "1AY&SY" && string(b[4:10]) != "\x17rE8P\x90"):
			continue
		case m.kind == Picture && m.mark == "BM" && (len(b) < 14 || b[6]|b[7]|b[8]|b[9] != 0):
			continue // "BM" may begin a text
		case m.kind == MSG && !bytes.Contains(b, []byte("_\x00_\x00s\x00u\x00b\x00s\x00t\x00g")) && !bytes.Contains(b, []byte("_\x00_\x00p\x00r\x00o\x00p\x00e\x00r\x00t")):
			return Document
		}
		return m.kind
	}
	if len(b) >= 12 && string(b[:4]) == "!BDN" {
		if string(b[8:10]) == "SO" {
			return OST
		}
		return PST
	}
	if isDbox(b) {
		return Dbox
	}
	if oldTar(b) {
		return Tar
	}
	return ""
}

// isDbox recognises Dovecot's sdbox and mdbox by the first line, "2 M1e C5f3a1b20" (version, size of the headers of messages,
// time of creation, in this or another order), and the two bytes that begin the header of a message behind it.
func isDbox(b []byte) bool {
	i := bytes.IndexByte(b[:min(len(b), 128)], '\n')
	if i < 4 || len(b) < i+4 || string(b[:2]) != "2 " && string(b[:2]) != "1 " || string(b[i+1:i+3]) != "\x01\x02" {
		return false
	}
	for _, w := range strings.Fields(string(b[2:i])) {
		if w[0] < 'A' || w[0] > 'Z' || strings.Trim(w[1:], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// oldTar recognises a tar of before POSIX by the checksum of its first header.
func oldTar(b []byte) bool {
	const size, at, width = 512, 148, 8
	if len(b) < size || b[0] == 0 {
		return false
	}
	sum := 0
	for i, c := range b[:size] {
		if i >= at && i < at+width {
			c = ' '
		}
		sum += int(c)
	}
	field := strings.Trim(string(b[at:at+width]), " \x00")
	n := 0
	for i := range len(field) {
		if field[i] < '0' || field[i] > '7' {
			return false
		}
		n = n<<3 | int(field[i]-'0')
	}
	return field != "" && n == sum
}
