// Package mailauth reads what receivers wrote about who sent a message, and decides which of it can be believed.
//
// Headers are prepended on the way: everything below the boundary, the first Received field (RFC 5321 §4.4) that the
// mailbox's own receiver wrote about a foreign client, was written by the sender and can be forged. Results of SPF
// (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) stand in Authentication-Results fields (RFC 8601). One of them
// counts only when the receiver of this mailbox wrote it: known authserv-id, in the place where this receiver writes,
// nearest to the boundary. "Pass" then counts only when it is aligned with the one From address.
//
// Read collects the raw material during extraction; Assess weighs it once the mailbox has shown whom to trust.
package mailauth

import "github.com/mailaudit/mailaudit/analyzer/fact"

// Assessment is what can be said of the authentication of one message.
type Assessment struct {
	// Boundary is the index into Fact.Trace of the boundary hop, -1 where there is none.
	Boundary int
	// Trusted are the result fields that count (iCloud writes three); empty where none does.
	Trusted []fact.Result
	Rule    *fact.TrustRule // by which the first of Trusted is believed
	// Results as written by the trusted receiver; "" where it writes none.
	DMARC, SPF, ARC string
	MailFrom        string // domain the SPF result is for
	DKIM            []DKIM
	// DMARC is "unbound" for a pass that is not for the From domain.
	//
	// Aligned tells that one of these passed, in line with the one From address; AlignedBy names it ("dmarc", "dkim",
	// "spf") and AlignedDomain the domain that did.
	Aligned       bool
	AlignedBy     string
	AlignedDomain string
	// OneFrom tells that there is exactly one From field with exactly one address.
	OneFrom bool
	// Verified is an aligned signature that mailaudit verified itself and that is good enough for rule A4; nil if none.
	Verified *fact.Signature
	// ARCPass tells that a trusted result says arc=pass, the sealer is listed, and the first ARC result says dmarc=pass
	// for the From domain.
	ARCPass bool
	// Client is the boundary's client address, RDNS its reverse name as the own receiver wrote it.
	Client, RDNS string
	// InRange reports whether Client lies in the published ranges of the From domain's brand; OutRange that it certainly does not.
	InRange, OutRange bool
	// Fingerprint lists which of the seven features of OFFICIAL §4 hold; Contradictions which facts speak against the
	// brand's own path.
	Fingerprint    []string
	Contradictions []string
	// Forwarder is set where the boundary's client or a trusted ARC result shows a forwarder, list or gateway.
	Forwarder string
	// Corporate is set for the path of the brand's employees (smtp-fw-*, s=amazon201209), as a trusted result, a verified
	// signature or the boundary shows it. CorporateHint is set where anything says so, forged or not.
	Corporate, CorporateHint bool
	// Conflict is set where trusted results contradict one another; nothing is Aligned then.
	Conflict bool
	// Injected lists results that pretend to be the receiver's: same id, further away from the boundary.
	Injected []fact.Result
	Ignored  []string // authserv-ids that were not believed
	// Refused says why results at the boundary were not believed (RefusedSubmitted and so on), empty where none were refused.
	Refused []string
	// Replay is set where an aligned pass belongs to a message addressed to somebody else than the owner.
	Replay bool
}

// DKIM is one DKIM result of the trusted receiver.
type DKIM struct {
	Domain, Selector, Result, Reason string
	Aligned                          bool
}
