package mapi

// State is what a message's own properties say of reading and answering. What nothing says is nil.
type State struct {
	Seen, Replied, Forwarded, Flagged, Deleted *bool
	Draft                                      bool
}

// Bits of PidTagMessageFlags and PidTagMessageStatus ([MS-OXCMSG]).
const (
	flagRead           = 0x1
	flagUnsent         = 0x8
	statusDeleteMarked = 0x8 // struck through, as Outlook does with mail of IMAP accounts
)

// Values of PidTagLastVerbExecuted and PidTagIconIndex ([MS-OXOMSG]).
const (
	verbReply, verbReplyAll, verbForward = 102, 103, 104
	iconRead, iconUnread                 = 0x100, 0x101
	iconReplied, iconForwarded           = 0x105, 0x106
)

// State reads the state of a message. row is its line in the folder's table, nil for none: marks for deletion stand there.
//
// Outlook keeps of answers only the last: of a message that was forwarded it is not known whether it was answered before.
// PidTagMessageFlags has a bit "read at least once" too, which Exchange sets and clears with the other: it tells nothing.
func (m *Message) State(row Object) State {
	var s State
	yes, no := new(bool), new(bool)
	*yes = true
	is := func(v bool) *bool {
		if v {
			return yes
		}
		return no
	}
	flags, ok := integer(m, idMessageFlags)
	if !ok && row != nil {
		flags, ok = integer(row, idMessageFlags)
	}
	if ok {
		s.Seen = is(flags&flagRead != 0)
		s.Draft = flags&flagUnsent != 0
	}
	verb, _ := integer(m, idLastVerb)
	icon, known := integer(m, idIconIndex)
	switch {
	case verb == verbReply || verb == verbReplyAll || icon == iconReplied:
		s.Replied = yes
	case verb == verbForward || icon == iconForwarded:
		s.Forwarded = yes
	case known && (icon == iconRead || icon == iconUnread):
		s.Replied, s.Forwarded = no, no
	}
	if n, ok := integer(m, idFlagStatus); ok {
		s.Flagged = is(n == 2)
	}
	if row != nil {
		if n, ok := integer(row, idMessageStatus); ok {
			s.Deleted = is(n&statusDeleteMarked != 0)
		}
	}
	return s
}
