package readstate

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mork"
)

// SummaryMost is how many bytes of a summary file are read. A folder of a million messages has one of 400 MB.
const SummaryMost = 512 << 20

// Summary is what Thunderbird's summary file (INBOX.msf beside INBOX) says of the messages of a folder.
//
// For a folder on an IMAP server it is the only place that holds the state: the messages that were downloaded for
// reading offline all say "X-Mozilla-Status: 0001", read or not (measured with version 153).
type Summary struct {
	byToken map[string]int32 // by the place in the store: the offset of the From_ line, or the name of the file; -1 for two rows
	byID    map[string]int32 // by Message-ID; -1 for two rows
	offsets []int64          // the places that are numbers, in order
	rows    []summaryRow
}

type summaryRow struct {
	id   string // Message-ID without brackets
	read *finding.Read
}

// Columns of a message's row. storeToken is decimal, msgOffset, of old versions, hexadecimal.
var summaryColumns = []string{"flags", "storeToken", "msgOffset", "message-id", "keywords"}

// Bits of nsMsgMessageFlags, as in X-Mozilla-Status; imapDeleted is a message with the server's \Deleted.
const (
	flagRead        = 0x1
	flagReplied     = 0x2
	flagMarked      = 0x4
	flagExpunged    = 0x8
	flagForwarded   = 0x1000
	flagIMAPDeleted = 0x200000
)

// ParseSummary reads a summary file. whole is false where it is damaged or was cut: what stands before the damage counts.
func ParseSummary(data []byte) (s *Summary, whole bool, err error) {
	rows, whole, err := mork.Read(data, "ns:msg:db:row:scope:msgs:all", summaryColumns)
	if err != nil {
		return nil, false, err
	}
	s = &Summary{byToken: make(map[string]int32, len(rows)), byID: make(map[string]int32, len(rows))}
	for _, row := range rows {
		s.add(row)
	}
	for token := range s.byToken {
		if at, err := strconv.ParseInt(token, 10, 64); err == nil && at >= 0 {
			s.offsets = append(s.offsets, at)
		}
	}
	slices.Sort(s.offsets)
	return s, whole, nil
}

func (s *Summary) add(row *mork.Row) {
	flags, err := strconv.ParseUint(row.Cells[0], 16, 32)
	if err != nil {
		return
	}
	bit := func(mask uint64) *bool { v := flags&mask != 0; return &v }
	r := &finding.Read{
		Seen: bit(flagRead), Replied: bit(flagReplied), Flagged: bit(flagMarked), Forwarded: bit(flagForwarded),
		Deleted: bit(flagExpunged | flagIMAPDeleted), From: []string{"summary"},
	}
	if row.Cut {
		gone := true
		r.Deleted = &gone // it left the folder and waits in the file for compaction
	}
	for key := range strings.FieldsSeq(row.Cells[4]) {
		if len(r.Labels) < maxKeys && len(key) <= maxLabel {
			r.Labels = append(r.Labels, key)
		}
	}
	n := int32(len(s.rows))
	s.rows = append(s.rows, summaryRow{bareID(row.Cells[3]), r})
	token := row.Cells[1]
	if token == "" {
		if at, err := strconv.ParseUint(row.Cells[2], 16, 63); err == nil {
			token = strconv.FormatUint(at, 10)
		}
	}
	// Two rows for one place can't both be right: neither counts.
	if token != "" {
		if _, twice := s.byToken[token]; twice {
			n = -1
		}
		s.byToken[token] = n
	}
	if id := s.rows[len(s.rows)-1].id; id != "" {
		n := int32(len(s.rows) - 1)
		if _, twice := s.byID[id]; twice {
			n = -1
		}
		s.byID[id] = n
	}
}

// lineMost is how far behind the start of its From_ line a message can begin.
const lineMost = 512

// At is what the summary says of the message of an mbox whose header begins at offset; head is the beginning of it. It is
// nil where the summary does not know the message: the place has to agree with the Message-ID, and without the place the
// id alone has to be unmistakable.
func (s *Summary) At(offset int64, head []byte) *finding.Read {
	id := headID(head)
	i, _ := slices.BinarySearch(s.offsets, offset)
	if i > 0 && offset-s.offsets[i-1] <= lineMost {
		if n := s.byToken[strconv.FormatInt(s.offsets[i-1], 10)]; n >= 0 {
			if r := &s.rows[n]; r.id == id || r.id == "" || id == "" {
				return r.read
			}
		}
	}
	if n, ok := s.byID[id]; ok && n >= 0 && id != "" {
		return s.rows[n].read
	}
	return nil
}

// Named is what the summary says of the message in a file of that name in a Maildir, nil where it does not know it.
func (s *Summary) Named(file string) *finding.Read {
	if n, ok := s.byToken[file]; ok && n >= 0 {
		return s.rows[n].read
	}
	return nil
}

// Len is the number of messages that the summary knows.
func (s *Summary) Len() int { return len(s.rows) }

func bareID(s string) string { return strings.Trim(strings.TrimSpace(s), "<>") }

// headMost is how far into a message its Message-ID is looked for.
const headMost = 64 << 10

// headID is the Message-ID of a message by its first bytes, without brackets; "" for none.
func headID(head []byte) string {
	head = head[:min(len(head), headMost)]
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line, head = head[:i], head[i+1:]
		} else {
			head = nil
		}
		if len(bytes.TrimRight(line, "\r")) == 0 {
			return ""
		}
		const name = "message-id"
		if len(line) < len(name) || !strings.EqualFold(string(line[:len(name)]), name) {
			continue
		}
		value, ok := bytes.CutPrefix(bytes.TrimLeft(line[len(name):], " \t"), []byte(":"))
		if !ok {
			continue
		}
		if len(bytes.TrimSpace(value)) == 0 { // folded behind the name
			next, _, _ := bytes.Cut(head, []byte("\n"))
			if len(next) > 0 && (next[0] == ' ' || next[0] == '\t') {
				value = next
			}
		}
		return bareID(string(value))
	}
	return ""
}
