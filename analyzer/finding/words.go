package finding

import "strings"

// Verdict is what mailaudit concludes about the sender.
type Verdict string

// Verdicts, from Amazon's own to a fake.
const (
	Genuine       Verdict = "genuine"        // Amazon sent it
	GenuineRelay  Verdict = "genuine_relay"  // Amazon's relay carried it, a third party wrote it
	LikelyGenuine Verdict = "likely_genuine" // fits Amazon's own path, but no trusted result says so
	Unverifiable  Verdict = "unverifiable"   // neither can be shown
	Suspicious    Verdict = "suspicious"     // more against than for
	Impersonation Verdict = "impersonation"  // not Amazon, but poses as Amazon
	Mention       Verdict = "mention"        // speaks of Amazon, does not pose as it
)

// Verdicts lists all verdicts in the order above.
func Verdicts() []Verdict {
	return []Verdict{Genuine, GenuineRelay, LikelyGenuine, Unverifiable, Suspicious, Impersonation, Mention}
}

// FromAmazon reports whether the verdict says that the brand itself sent the message, surely or likely.
func (v Verdict) FromAmazon() bool { return v == Genuine || v == LikelyGenuine }

// Severity orders events and attention items.
type Severity string

// Severities.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	MediumS  Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists all severities, most serious first.
func Severities() []Severity { return []Severity{Critical, High, MediumS, Low, Info} }

// Level is 5 for critical down to 1 for info, and 0 for anything else.
func (s Severity) Level() int {
	for i, v := range Severities() {
		if v == s {
			return 5 - i
		}
	}
	return 0
}

// Event is what a notice says happened, whoever sent it.
type Event string

// Events of STREAM §3.
const (
	SigninAttempt          Event = "security.signin_attempt"
	SignedIn               Event = "security.signed_in"
	OTP                    Event = "security.otp"
	DataAccessAttempt      Event = "security.data_access_attempt"
	PasswordResetRequested Event = "security.password_reset_requested"
	PasswordChanged        Event = "security.password_changed"
	EmailChanged           Event = "security.email_changed"
	EmailAdded             Event = "security.email_added"
	PhoneChanged           Event = "security.phone_changed"
	PhoneRemoved           Event = "security.phone_removed"
	NameChanged            Event = "security.name_changed"
	TwoSVEnabled           Event = "security.2sv_enabled"
	TwoSVDisabled          Event = "security.2sv_disabled"
	TwoSVChanged           Event = "security.2sv_changed"
	PasskeyAdded           Event = "security.passkey_added"
	DeviceRegistered       Event = "security.device_registered"
	AppAuthorized          Event = "security.app_authorized"
	AccountChanged         Event = "security.account_changed" // which is not said
	AccountLocked          Event = "security.account_locked"
	CardReported           Event = "security.card_reported"
	TakeoverResponse       Event = "security.takeover_response" // Amazon found an intrusion and undid it
	NewAccount             Event = "security.new_account"
	Awareness              Event = "security.awareness"
	SecurityUnknown        Event = "security.unknown"

	AddressChanged       Event = "account.address_changed"
	PaymentMethodChanged Event = "account.payment_method_changed"
	PaymentDeclined      Event = "account.payment_declined"
	HouseholdChanged     Event = "account.household_changed"
	AccountUnknown       Event = "account.unknown"

	PrimeJoined    Event = "prime.joined"
	PrimeCancelled Event = "prime.cancelled"
	PrimeRenewal   Event = "prime.renewal"

	OrderPlaced         Event = "order.placed"
	OrderShipped        Event = "order.shipped"
	OrderOutForDelivery Event = "order.out_for_delivery"
	OrderDelivered      Event = "order.delivered"
	OrderCancelled      Event = "order.cancelled"
	OrderHeld           Event = "order.held"
	OrderProblem        Event = "order.problem"
	OrderReturned       Event = "order.returned"
	OrderRefunded       Event = "order.refunded"

	GiftcardSent     Event = "giftcard.sent"
	GiftcardRedeemed Event = "giftcard.redeemed"

	SubscriptionChanged Event = "subscription.changed"
	SubscriptionCharged Event = "subscription.charged"

	StatementIssued       Event = "statement.issued"
	StatementChargeNotice Event = "statement.charge_notice"
	StatementInvoice      Event = "statement.invoice"

	SellerChanged Event = "seller.changed"
	AWSBilling    Event = "aws.billing"
	AWSSecurity   Event = "aws.security"
	Marketing     Event = "marketing"
	OtherEvent    Event = "other"
)

// Events lists all events; the index of an event in it never changes within one version.
func Events() []Event {
	return []Event{
		SigninAttempt, SignedIn, OTP, DataAccessAttempt, PasswordResetRequested, PasswordChanged, EmailChanged, EmailAdded,
		PhoneChanged, PhoneRemoved, NameChanged, TwoSVEnabled, TwoSVDisabled, TwoSVChanged, PasskeyAdded, DeviceRegistered,
		AppAuthorized, AccountChanged, AccountLocked, CardReported, TakeoverResponse, NewAccount, Awareness, SecurityUnknown,
		AddressChanged, PaymentMethodChanged, PaymentDeclined, HouseholdChanged, AccountUnknown,
		PrimeJoined, PrimeCancelled, PrimeRenewal,
		OrderPlaced, OrderShipped, OrderOutForDelivery, OrderDelivered, OrderCancelled, OrderHeld, OrderProblem,
		OrderReturned, OrderRefunded, GiftcardSent, GiftcardRedeemed, SubscriptionChanged, SubscriptionCharged,
		StatementIssued, StatementChargeNotice, StatementInvoice, SellerChanged, AWSBilling, AWSSecurity, Marketing, OtherEvent,
	}
}

// Class is the part of an event before the dot: "security", "order", …
func (e Event) Class() string {
	for i := 0; i < len(e); i++ {
		if e[i] == '.' {
			return string(e[:i])
		}
	}
	return string(e)
}

// ValidMessageID reports whether s is an id of a message: "m-" and 16 hex digits in lower case. A stream that somebody else
// wrote can hold anything in its place.
func ValidMessageID(s string) bool { return validID(s, "m-") }

// ValidAttentionID reports whether s is an id of an attention item: "a-" and 16 hex digits in lower case.
func ValidAttentionID(s string) bool { return validID(s, "a-") }

func validID(s, prefix string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	return ok && len(digits) == 16 && strings.Trim(digits, "0123456789abcdef") == ""
}
