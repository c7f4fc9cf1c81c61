package fact

import (
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func TestReadFlags(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		says             string
		read             *finding.Read
		isRead, isUnread bool
	}{
		{"nothing known", nil, false, false},
		{"only the folder known", &finding.Read{Folder: finding.Inbox}, false, false},
		{"seen", &finding.Read{Seen: &yes}, true, false},
		{"not seen", &finding.Read{Seen: &no}, false, true},
		{"seen by a filter, never opened", &finding.Read{Seen: &yes, Opened: &no}, false, true},
		{"opened and marked unread again", &finding.Read{Seen: &no, Opened: &yes}, true, false},
	} {
		f := ReadFlags(c.read)
		if f.KnownRead() != c.isRead || f.KnownUnread() != c.isUnread {
			t.Errorf("%s: read %v, unread %v", c.says, f.KnownRead(), f.KnownUnread())
		}
	}
	if f := ReadFlags(&finding.Read{Folder: finding.Spam, Replied: &yes, Deleted: &no}); f != InSpam|Replied {
		t.Errorf("spam and replied: got %b", f)
	}
}

func TestNewEntry(t *testing.T) {
	f := &Fact{
		ContentRisk: "high", Envelope: &Envelope{Doubt: "blank line is missing"},
		Details: &finding.Details{OrderIDs: []string{"D01-1111111-2222222", "250-1111111-2222222"}},
	}
	f.Content[7] = 9
	e := NewEntry(f, finding.LikelyGenuine, finding.OrderPlaced, finding.Low, time.Unix(100, 0), DateSkew, nil)
	want := Entry{
		Content: 9, Time: 100, Order: OrderHash("D01-1111111-2222222"), Event: EventIndex(finding.OrderPlaced),
		Verdict: VerdictIndex(finding.LikelyGenuine), Severity: 2, Flags: RiskHigh | StartDoubt | ClockDoubt | MoreOrders | Digital,
	}
	if e != want {
		t.Errorf("got %+v, want %+v", e, want)
	}
	if e.ID() != "m-0000000000000009" || !e.When().Equal(time.Unix(100, 0)) {
		t.Errorf("got %s at %v", e.ID(), e.When())
	}
	if e := NewEntry(&Fact{}, "no such", "no such", "", time.Time{}, NoClock, nil); e.Time != 0 || !e.When().IsZero() ||
		e.Verdict != VerdictIndex(finding.Mention) || e.Event != EventIndex(finding.OtherEvent) {
		t.Errorf("unknown words: got %+v", e)
	}
}

func TestLinesOfStatements(t *testing.T) {
	entry := func(e finding.Event, d finding.Details) uint32 {
		return NewEntry(&Fact{Details: &d}, finding.Genuine, e, finding.Low, time.Time{}, "", nil).Line
	}
	one, other := finding.Details{CardEnd: "1234"}, finding.Details{CardEnd: "9876"}
	if entry(finding.StatementIssued, one) == entry(finding.StatementIssued, other) || entry(finding.StatementIssued, one) == 0 {
		t.Error("statements of two cards must be told apart")
	}
	if entry(finding.SubscriptionCharged, one) != 0 {
		t.Error("the card that pays a subscription does not name it")
	}
}

func TestStableIDKeepsPartsApart(t *testing.T) {
	one, again := StableID("i", "a"), StableID("i", "a")
	if StableID("i", "ab", "c") == StableID("i", "a", "bc") || one != again {
		t.Error("an id must depend on its parts, each by itself, and on nothing else")
	}
}
