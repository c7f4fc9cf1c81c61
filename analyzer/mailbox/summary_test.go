package mailbox

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// msf is a summary as Thunderbird writes it, of rows "flags storeToken message-id".
func msf(rows ...string) string {
	var b strings.Builder
	b.WriteString("// <!-- <mdb:mork:z v=\"1.4\"/> -->\n< <(a=c)> (80=ns:msg:db:row:scope:msgs:all)(88=flags)(C2=storeToken)(83=message-id)>\n{1:^80 {(k^96:c)(s=9)} \n")
	for i, r := range rows {
		f := strings.Fields(r)
		fmt.Fprintf(&b, "  [%x(^88=%s)(^C2=%s)(^83=%s)]\n", i+1, f[0], f[1], f[2])
	}
	return b.String() + "}\n"
}

const mozilla = "X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"

// TestSummaryTellsReadState: in a store of an IMAP account every message says 0001, and the .msf beside it says what is so.
func TestSummaryTellsReadState(t *testing.T) {
	one := "From - Thu Jan  1 00:00:01 2026\n" + mozilla + "Message-ID: <one@x.example>\n" + mailA + "\n"
	two := "From - Fri Jan  2 00:00:01 2026\n" + mozilla + "Message-ID: <two@x.example>\n" + mailB + "\n"
	box := one + two
	at2 := fmt.Sprint(len(one))
	for _, tt := range []struct {
		name string
		msf  string // "" for none
		want string // seen of each
	}{
		{"the place and the id agree", msf("1 0 one@x.example", "0 "+at2+" two@x.example"), "true false"},
		{"no summary: unknown", "", "? ?"},
		{"an empty one, as Thunderbird begins it: unknown", "\x00"[:0], "? ?"},
		{"a place that belongs to another message does not count, its id does", msf("0 0 two@x.example", "1 99999 one@x.example"), "true false"},
		{"a message that the summary does not know", msf("0 " + at2 + " two@x.example"), "? false"},
		{"two rows for one place: neither", msf("0 0 a@x.example", "1 0 b@x.example"), "? ?"},
		{"old versions write the place in hexadecimal", strings.NewReplacer("C2=storeToken", "C2=msgOffset", "C2="+at2, fmt.Sprintf("C2=%x", len(one))).Replace(msf("1 0 one@x.example", "0 "+at2+" two@x.example")), "true false"},
		{"no Mork at all: unknown, and said", "<html>", "? ?"},
		{"cut in the middle: what stands before counts", strings.TrimSuffix(msf("1 0 one@x.example"), "}\n") + "  [2(^88", "true ?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"ImapMail/imap.example/INBOX-1": box}
			if tt.msf != "" {
				files["ImapMail/imap.example/INBOX-1.msf"] = tt.msf
			}
			var f found
			walkAll(t, writeTree(t, files), &f, limits())
			var seen []string
			for _, x := range f.extents {
				if !x.Mailbox.Elsewhere || x.Mailbox.Folder != "inbox" {
					t.Errorf("elsewhere %v, folder %q", x.Mailbox.Elsewhere, x.Mailbox.Folder)
				}
				if x.Read == nil {
					seen = append(seen, "?")
				} else {
					seen = append(seen, yes(x.Read.Seen))
				}
			}
			if got := strings.Join(seen, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			damaged := strings.HasPrefix(tt.msf, "<") || strings.HasSuffix(tt.msf, "^88")
			if got := f.reasons(); damaged != strings.Contains(got, "summary") {
				t.Errorf("problems: %s", got)
			}
		})
	}
}

// TestSummaryOfMaildir: Thunderbird's other kind of store has a file a message, and names it in the summary.
func TestSummaryOfMaildir(t *testing.T) {
	var f found
	walkAll(t, writeTree(t, map[string]string{
		"ImapMail/imap.example/INBOX/cur/17.eml": mozilla + mailA,
		"ImapMail/imap.example/INBOX/cur/18.eml": mozilla + mailB,
		"ImapMail/imap.example/INBOX/tmp/":       "",
		"ImapMail/imap.example/INBOX.msf":        msf("0 17.eml a@x.example", "3 18.eml b@x.example"),
	}), &f, limits())
	if len(f.extents) != 2 || yes(f.extents[0].Read.Seen) != "false" || yes(f.extents[1].Read.Seen) != "true" || yes(f.extents[1].Read.Replied) != "true" {
		t.Errorf("got %+v", f.extents)
	}
}

// TestStateFilesAreHashed: what says whether mail was read belongs to the evidence.
func TestStateFilesAreHashed(t *testing.T) {
	for _, name := range []string{"dovecot-keywords", ".mh_sequences", "INBOX.msf"} {
		files := map[string]string{"INBOX": mbox2, name: "0 a\n"}
		var f, g found
		before := walkAll(t, writeTree(t, files), &f, limits())
		files[name] = "0 b\n"
		if after := walkAll(t, writeTree(t, files), &g, limits()); before.SHA256 == after.SHA256 {
			t.Errorf("%s changed, and the digest of the source did not", name)
		}
	}
}

// TestThunderbirdCorpus: a profile that Thunderbird 153 wrote, of an account of 51 messages. Its own count of the unread
// ones (numNewMsgs) is 20: 18 without any flag, and 2 that are flagged and unread.
func TestThunderbirdCorpus(t *testing.T) {
	const dir = "../../../shared/corpus/thunderbird"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus is not beside the project:", err)
	}
	var f found
	walkAll(t, dir, &f, limit.Default())
	var unread, flagged, replied, unknown int
	for _, x := range f.extents {
		r := x.Read
		if r == nil || r.Seen == nil || r.Flagged == nil || r.Replied == nil {
			unknown++
			continue
		}
		unread += count(!*r.Seen)
		flagged += count(*r.Flagged)
		replied += count(*r.Replied)
	}
	if len(f.extents) != 51 || unread != 20 || flagged != 4 || replied != 4 || unknown != 0 {
		t.Errorf("%d messages, %d unread, %d flagged, %d replied, %d unknown", len(f.extents), unread, flagged, replied, unknown)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
