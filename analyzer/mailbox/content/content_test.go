package content

import (
	"strings"
	"testing"
)

const mail = "From: ann@example.com\nSubject: x\n\nhello\n"

var kinds = []struct {
	why, name, head string
	want            Kind
}{
	{"nothing in it", "x", "", Empty},
	{"a message", "x", mail, Eml},
	{"a message behind a byte order mark and blank lines", "x", "\xef\xbb\xbf\r\n" + mail, Eml},
	{"a message with one known field is one only by its name", "x.eml", "Subject: x\n\nhello\n", Eml},
	{"a field of 20 MB before all others, under the name of a message", "x.eml", "X-Filler: " + strings.Repeat("a", Window-10), Eml},
	{"a long line under the name of a message", "x.eml", strings.Repeat("a", Window), NotMail},
	{"a long field under another name", "x.txt", "X-Filler: " + strings.Repeat("a", Window-10), NotMail},
	{"one known field proves nothing", "notes", "Subject: x\n\nhello\n", NotMail},
	{"lone CR", "x", "From: a\rSubject: x\r\rhello\r", Eml},
	{"a message whose first line lost its start", "x", " ann@example.com\nTo: b\nSubject: x\nDate: y\n\n", Eml},
	{"a hop's From_ line at the top", "x", ">From ann Thu Jan  1 00:00:01 2026\n" + mail, Eml},
	{"a mailbox without extension", "INBOX", "From ann@example.com Thu Jan  1 00:00:01 2026\n" + mail, Mbox},
	{"a mailbox under the name of a message", "x.eml", "From - Thu Jan  1 00:00:01 2026\n" + mail, Mbox},
	{"a bare From_ line", "x", "From \n" + mail, Mbox},
	{"junk before a mailbox", "x", "a greeting\n\nFrom ann@example.com Thu Jan  1 00:00:01 2026\n" + mail, Mbox},
	{"prose", "x.txt", "From here on we go.\nTo: nobody\n", NotMail},
	{"JSON", "x", "{\"From\": \"a\",\n\"To\": \"b\"}\n", NotMail},
	{"HTTP", "x", "HTTP/1.1 200 OK\nDate: x\nContent-Type: y\n\n", NotMail},
	{"HTML", "x.html", "<html><body>From: a</body></html>", NotMail},
	{"emlx", "1", "42        \n" + mail, Emlx},
	{"a number and then something else", "x", "42\nhello\n", NotMail},
	{"zip", "x", "PK\x03\x04", Zip},
	{"an empty zip", "x", "PK\x05\x06", Zip},
	{"gzip", "x.mbox", "\x1f\x8b\x08\x00", Gzip},
	{"bzip2", "x", "BZh91AY&SY", Bzip2},
	{"text that begins as bzip2 does", "x", "BZhello", NotMail},
	{"xz", "x", "\xfd7zXZ\x00", Xz},
	{"zstd", "x", "\x28\xb5\x2f\xfd", Zstd},
	{"tar", "x", strings.Repeat("a", 257) + "ustar", Tar},
	{"Outlook's data file", "x", "!BDN\x00\x00\x00\x00SM\x17\x00", PST},
	{"Outlook's cache", "x", "!BDN\x00\x00\x00\x00SO\x17\x00", OST},
	{"Outlook for Mac", "x.olm", "PK\x03\x04", OLM},
	{"Outlook's message", "x", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_\x00_\x00s\x00u\x00b\x00s\x00t\x00g", MSG},
	{"Outlook's message, its directory far behind", "x.MSG", compound + strings.Repeat("\x00", 512), MSG},
	{"an old Word file", "x", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Document},
	{"Outlook Express", "x", "\xcf\xad\x12\xfe\xc5\xfd\x74\x6f", DBX},
	{"compress", "INBOX.Z", "\x1f\x9d\x90abc", Packed},
	{"lz4", "x", "\x04\x22\x4d\x18abc", LZ4},
	{"lz4 as Dovecot stores it", "x", "Dovecot-LZ4\r*\x9b\xc5\x00\x01\x00\x00", LZ4},
	{"lzip", "x", "LZIP\x01abc", Packed},
	{"a mailbox of UW IMAP", "x", "*mbx*\r\n3a1b00000001\r\n", MBX},
	{"an Rmail file", "RMAIL", "BABYL OPTIONS:\nVersion: 5\n", Babyl},
	{"a folder of Pegasus Mail", "FOL01A2.PMM", "Amazon\x00" + strings.Repeat("\x00", 121) + mail, PMM},
	{"a message under its extension", "x.pmm", mail, Eml},
	{"a message base of The Bat!", "MESSAGES.TBB", "\x21\x09\x70\x19\x30\x00", TBB},
	{"MMDF without From_ lines is read like one with them", "x", "\x01\x01\x01\x01\nReceived: from x\nSubject: y\n\nz\n\x01\x01\x01\x01\n", Mbox},
	{"MMDF with From_ lines is read as an mbox", "x", "\x01\x01\x01\x01\nFrom a@example.com Thu Jan  1 00:00:01 2026\nSubject: y\n\nz\n\x01\x01\x01\x01\n", Mbox},
	{"7z", "x", "7z\xbc\xaf\x27\x1c", SevenZip},
	{"a picture under the name of a message", "x.eml", "\xff\xd8\xff\xe0", Picture},
	{"Thunderbird's index", "INBOX.msf", mail, Index},
	{"Thunderbird's index under another name", "x", "// <!-- <mdb:mork:z v=\"1.4\"/> -->", Index},
	{"what a Mac puts beside files", "._x.eml", mail, AppleDouble},
	{"binary", "x", "\x00\x01\x02\x03", NotMail},
}

func TestOf(t *testing.T) {
	for _, c := range kinds {
		if got := Of([]byte(c.head), c.name); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestAdvice(t *testing.T) {
	for _, k := range []Kind{OLM, DBX, SevenZip, RAR, Packed, MBX, Babyl, Dbox, PMM, TBB} {
		if k.Advice() == "" {
			t.Errorf("%s: no advice", k)
		}
	}
	if Mbox.Advice() != "" || NotMail.Advice() != "" {
		t.Error("advice for what needs none")
	}
}

func FuzzOf(f *testing.F) {
	for _, c := range kinds {
		f.Add([]byte(c.head), c.name)
	}
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		k := Of(head, name)
		if k == "" || (k == Empty) != (len(head) == 0) {
			t.Fatalf("%q is %q", head, k)
		}
	})
}
