package verdict

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

func yes() *bool { return flag(true) }
func no() *bool  { return flag(false) }

func same(a, b *bool) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func TestRead(t *testing.T) {
	labels := map[string]finding.Folder{"未読": readstate.Unread, "開封済み": readstate.Opened, "迷惑メール": finding.Spam, "受信トレイ": finding.Inbox}
	tests := []struct {
		name         string
		fact         fact.Fact
		profile      fact.Profile
		seen, opened *bool
		replied      *bool
		folder       finding.Folder
	}{
		{"nothing says anything: nothing is claimed", fact.Fact{}, fact.Profile{}, nil, nil, nil, ""},
		{"Maildir's flag", fact.Fact{Read: &finding.Read{Seen: no(), Folder: finding.Spam}}, fact.Profile{}, no(), nil, nil, finding.Spam},
		{"Maildir's flag T is the trash", fact.Fact{Read: &finding.Read{Seen: yes(), Deleted: yes(), Folder: finding.Inbox, From: []string{"maildir"}}}, fact.Profile{}, yes(), nil, nil, finding.Trash},
		{"Thunderbird marks what it moved as deleted: that is no trash", fact.Fact{Read: &finding.Read{Seen: yes(), Deleted: yes(), Folder: finding.Inbox, From: []string{"mozilla"}}}, fact.Profile{}, yes(), nil, nil, finding.Inbox},
		{"a Status field in a file whose messages carry none is the sender's", fact.Fact{Group: "b", Status: "RO"}, fact.Profile{}, nil, nil, nil, ""},
		{"a Status field where most messages carry one", fact.Fact{Group: "b", Status: "RO", XStatus: "A"},
			fact.Profile{StatusMeans: map[string]bool{"b": true}}, yes(), nil, yes(), ""},
		{"no Status field in an mbox where most messages carry one: new", fact.Fact{Group: "b", Envelope: &fact.Envelope{}}, fact.Profile{StatusMeans: map[string]bool{"b": true}}, no(), nil, nil, ""},
		{"no Status field in a folder of mail files where most carry one: unknown", fact.Fact{Group: "b"}, fact.Profile{StatusMeans: map[string]bool{"b": true}}, nil, nil, nil, ""},
		{"Gmail: neither unread nor opened was marked read in bulk", fact.Fact{Read: &finding.Read{Labels: []string{"受信トレイ"}, From: []string{"gmail"}}},
			fact.Profile{Labels: labels}, yes(), no(), nil, finding.Inbox},
		{"Gmail: opened, then marked unread again", fact.Fact{Read: &finding.Read{Labels: []string{"未読", "開封済み", "迷惑メール", "受信トレイ"}, From: []string{"gmail"}}},
			fact.Profile{Labels: labels}, no(), yes(), nil, finding.Spam},
		{"Gmail: an export without the label Opened says nothing of opening", fact.Fact{Read: &finding.Read{Labels: []string{"Inbox"}, From: []string{"gmail"}}},
			fact.Profile{Labels: map[string]finding.Folder{"Inbox": finding.Inbox, "Unread": readstate.Unread}}, yes(), nil, nil, finding.Inbox},
		{"Thunderbird's tags are no labels of Gmail", fact.Fact{Read: &finding.Read{Labels: []string{"$label1"}, Seen: no(), From: []string{"mozilla"}}},
			fact.Profile{Labels: labels}, no(), nil, nil, ""},
		{"answered: a sent message names it and went to its sender", fact.Fact{MessageID: "<q@x>", From: []finding.Address{{Address: "A@cousin.example"}}},
			fact.Profile{Answered: map[uint64]bool{fact.HashMessageID("<q@x>"): true}, Contacts: map[uint64]bool{fact.HashAddress("a@cousin.example"): true}}, nil, nil, yes(), ""},
		{"answered on another device: the flag here does not know of it", fact.Fact{MessageID: "<q@x>", From: []finding.Address{{Address: "a@cousin.example"}}, Read: &finding.Read{Replied: no(), From: []string{"mozilla"}}},
			fact.Profile{Answered: map[uint64]bool{fact.HashMessageID("<q@x>"): true}, Contacts: map[uint64]bool{fact.HashAddress("a@cousin.example"): true}}, nil, nil, yes(), ""},
		{"a fake with the Message-ID of a message that was answered", fact.Fact{MessageID: "<q@x>", From: []finding.Address{{Address: "fake@cousin.example"}}},
			fact.Profile{Answered: map[uint64]bool{fact.HashMessageID("<q@x>"): true}, Contacts: map[uint64]bool{fact.HashAddress("a@friend.example"): true}}, nil, nil, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Read(&test.fact, &test.profile)
			if got == nil {
				got = &finding.Read{}
			}
			if !same(got.Seen, test.seen) || !same(got.Opened, test.opened) || !same(got.Replied, test.replied) || got.Folder != test.folder {
				t.Errorf("got %+v", *got)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name   string
		copies []*finding.Read
		seen   *bool
		folder finding.Folder
	}{
		{"no copy says anything", []*finding.Read{nil, nil}, nil, ""},
		{"one copy was read", []*finding.Read{{Seen: no()}, {Seen: yes()}, nil}, yes(), ""},
		{"known not to be read where one says so and the others are silent", []*finding.Read{{Seen: no()}, nil}, no(), ""},
		{"a copy in the inbox can be found, whatever lies in spam", []*finding.Read{{Folder: finding.Spam}, {Folder: finding.Inbox}}, nil, finding.Inbox},
		{"all copies lie in spam or trash", []*finding.Read{{Folder: finding.Trash}, {Folder: finding.Spam}}, nil, finding.Spam},
	}
	for _, test := range tests {
		got := Merge(test.copies)
		if got == nil {
			got = &finding.Read{}
		}
		if !same(got.Seen, test.seen) || got.Folder != test.folder {
			t.Errorf("%s: got %+v", test.name, *got)
		}
	}
}
