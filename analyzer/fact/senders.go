package fact

// What a receiver does to all mail shows in mail of senders that have nothing to do with one another. One sender can send
// as much as he likes, so messages are not counted but senders: by the registrable domain of the envelope sender and by
// the network of the client, each hashed into one of a few places, week by week. Whoever floods a mailbox fills the same
// places again and again.

// SenderPlaces is how many places senders are hashed into. A dozen independent senders fill about ten of 32.
const SenderPlaces = 32

// SenderKey is a place that mail of a receiver fell into.
type SenderKey struct {
	Group string
	// Domain is that of the receiver, as in ReceiverKey; of ways, the machine at their top.
	Domain string
	// What of the mail is counted: WhatAll for every message of a receiver, WhatResult and a form for one with results of
	// that form; WhatTop for every message of a machine, WhatWay and a way for one that came in by it.
	What  string
	Week  int16 // since the Unix epoch, 0 for mail without a believable time
	Net   bool  // the place is of the client's network, not of the domain
	Place uint8
}

// What SenderKey.What begins with. Behind WhatResult stand the methods of the results, one letter each, a blank, the place,
// a blank and the authserv-id.
const (
	WhatAll    = ""
	WhatResult = "r"
	WhatTop    = "t"
	WhatWay    = "w"
)

// WeekSeconds is the length of a week.
const WeekSeconds = 7 * 24 * 3600

// Week is the week of a time in Unix seconds, 0 for none.
func Week(unix int64) int16 {
	if unix <= 0 || unix/WeekSeconds > 1<<15-1 {
		return 0
	}
	return int16(unix / WeekSeconds)
}
