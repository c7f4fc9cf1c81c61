package mailbox

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// TestFromLineBeforeOneMessage: in a folder of MH, in a Maildir, a From_ line before a message is none of it, and one in its body
// starts no other.
func TestFromLineBeforeOneMessage(t *testing.T) {
	const from = "From ann@example.com Thu Jan  1 00:00:01 2026\n"
	text := from + mailA + "\n" + from + mailB
	for _, name := range []string{"inbox/7", "cur/1.a:2,S"} {
		files := map[string]string{name: text}
		if strings.HasPrefix(name, "cur") {
			files["new/"], files["tmp/"] = "", ""
		} else {
			files["inbox/.mh_sequences"] = "unseen: 7\n"
		}
		var f found
		walkAll(t, writeTree(t, files), &f, limits())
		if len(f.extents) != 1 || string(f.extents[0].Data) != text[len(from):] || f.extents[0].Location.Offset != int64(len(from)) || f.reasons() != "" {
			t.Errorf("%s: %d messages at %s%s", name, len(f.extents), f.places(), f.reasons())
			continue
		}
		if r := f.extents[0].Read; r == nil || r.Seen == nil || *r.Seen != strings.HasPrefix(name, "cur") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestMarksOfSylpheed: the marks beside the messages tell what was read, of those that they name, and the digest of the source
// covers them.
func TestMarksOfSylpheed(t *testing.T) {
	mark := func(words ...uint32) string {
		var b []byte
		for _, w := range words {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		return string(b)
	}
	for _, name := range []string{".sylpheed_mark", ".claws_mark"} {
		files := map[string]string{"Mail/inbox/1": mailA, "Mail/inbox/2": mailB, "Mail/inbox/3": mailA, "Mail/inbox/" + name: mark(2, 1, 2, 2, 0x10)}
		var f found
		before := walkAll(t, writeTree(t, files), &f, limits())
		var got []string
		for _, x := range f.extents {
			if x.Read == nil {
				got = append(got, "?")
				continue
			}
			got = append(got, fmt.Sprint(*x.Read.Seen, *x.Read.Replied))
		}
		if s := strings.Join(got, ", "); s != "false false, true true, ?" {
			t.Errorf("%s: %s", name, s)
		}
		files["Mail/inbox/"+name] = mark(2, 1, 0, 2, 0x10)
		var g found
		if after := walkAll(t, writeTree(t, files), &g, limits()); before.SHA256 == after.SHA256 {
			t.Errorf("%s changed, and the digest of the source did not", name)
		}
	}
}
