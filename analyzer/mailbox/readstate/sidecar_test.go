package readstate

import (
	"encoding/json"
	"testing"
)

// Cards as the programs write them, and JSON that is none.
func TestCards(t *testing.T) {
	for _, c := range []struct{ why, name, card, want string }{
		{"Proton: unread in the inbox", "a.metadata.json", `{"Version":1,"Payload":{"ID":"x","LabelIDs":["0","5","15"],"Unread":1,"IsReplied":0,"IsRepliedAll":0,"IsForwarded":0}}`,
			`{"seen":false,"replied":false,"forwarded":false,"flagged":false,"folder":"inbox","from":["proton"]}`},
		{"Proton: read, answered to all, starred, in a folder of the owner's", "a.metadata.json", `{"Version":1,"Payload":{"LabelIDs":["5","10","q6fRr=="],"Unread":0,"IsReplied":0,"IsRepliedAll":1,"IsForwarded":1}}`,
			`{"seen":true,"replied":true,"forwarded":true,"flagged":true,"folder":"other","from":["proton"]}`},
		{"Proton: trash counts before all else", "a.Metadata.JSON", `{"Version":1,"Payload":{"LabelIDs":["0","3","5"],"Unread":1}}`,
			`{"seen":false,"flagged":false,"folder":"trash","from":["proton"]}`},
		{"Proton: spam", "a.metadata.json", `{"Version":1,"Payload":{"LabelIDs":["4","5"],"Unread":1}}`, `{"seen":false,"flagged":false,"folder":"spam","from":["proton"]}`},
		{"other metadata", "a.metadata.json", `{"Version":1,"Payload":[1,2]}`, `null`},
		{"metadata that does not tell whether it was read", "a.metadata.json", `{"Payload":{"LabelIDs":["0"]}}`, `null`},
		{"cut short", "a.metadata.json", `{"Version":1,"Payload":{"LabelIDs":["0"`, `null`},
		{"gmvault: read, in the inbox, with a label", "1.meta", `{"labels":["\\Inbox","Shopping","\\Important"],"flags":["\\Seen","\\Answered"],"thread_ids":1,"gm_id":1254,"msg_id":"x","internal_date":1}`,
			`{"seen":true,"replied":true,"deleted":false,"flagged":false,"folder":"inbox","labels":["Shopping"],"from":["gmvault"]}`},
		{"gmvault: unread and archived; a label of the owner's called Trash is no trash", "1.meta", `{"labels":["Trash"],"flags":[],"gm_id":1254}`,
			`{"seen":false,"replied":false,"deleted":false,"flagged":false,"folder":"archive","labels":["Trash"],"from":["gmvault"]}`},
		{"another .meta", "1.meta", `{"flags":["x"]}`, `null`},
	} {
		got, err := json.Marshal(Card(c.name, []byte(c.card)))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.why, got, c.want, err)
		}
	}
	if names := CardName("INBOX.eml"); len(names) != 2 || names[0] != "INBOX.metadata.json" || !IsCard(names[0]) || !IsCard(names[1]) || IsCard(".meta") || CardName("x.emlx") != nil {
		t.Errorf("names of cards: %q", names)
	}
}

// FuzzCard: any bytes are a card or none, without a panic.
func FuzzCard(f *testing.F) {
	f.Add("a.metadata.json", []byte(`{"Payload":{"Unread":1,"LabelIDs":["0"]}}`))
	f.Add("a.meta", []byte(`{"gm_id":1,"flags":[],"labels":["\\Inbox"]}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if r := Card(name, data); r != nil && r.Seen == nil {
			t.Error("a card that does not tell whether the message was read")
		}
	})
}
