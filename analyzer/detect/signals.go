package detect

import "github.com/mailaudit/mailaudit/analyzer/finding"

// Signal describes one kind of observation. The strength is the usual one; a detector may give less where the
// circumstances explain what was seen, and the record holds what it gave.
type Signal struct {
	ID       string
	For      string
	Strength finding.Strength
	Doc      string // for analysts; people read report/view/text/signals.toml
}

// Signals lists all signals that detectors give, sorted by what they speak for. Package verdict adds those of
// authentication (auth.*, path.*).
func Signals() []Signal {
	const (
		posing, fake, action   = finding.ForPosing, finding.ForImpersonation, finding.ForAction
		mention, risk, genuine = finding.ForMention, finding.ForRisk, finding.ForGenuine
		strong, medium, weak   = finding.Strong, finding.Medium, finding.Weak
	)
	return []Signal{
		{"brand.display_name", posing, strong, "the sender's display name is the brand's"},
		{"brand.local_part", posing, strong, "the local part of the sender's address names the brand"},
		{"brand.from_domain", posing, strong, "the sender's domain is made to look like the brand's"},
		{"brand.subject", posing, medium, "the subject speaks as a notice of the brand"},
		{"brand.body", posing, medium, "the text speaks to the reader as the brand"},
		{"brand.signature", posing, medium, "the text signs as the brand or has its legal footer"},
		{"brand.prize", posing, medium, "the text hands out the brand's gift cards or prizes"},
		{"brand.attachment", posing, medium, "an attachment is named as a notice of the brand"},
		{"brand.link_text", posing, medium, "links are dressed as the brand's"},
		{"brand.title", posing, medium, "the page is titled as the brand's"},
		{"brand.picture", posing, weak, "pictures are the brand's or named so"},

		{"action.login", action, medium, "calls to log in"},
		{"action.pay", action, medium, "calls to pay or to give payment data"},
		{"action.confirm", action, medium, "calls to confirm, follow a link or change data"},
		{"action.call", action, medium, "calls to telephone"},
		{"action.open_attachment", action, medium, "calls to open an attachment"},
		{"action.claim", action, medium, "calls to claim a prize or gift"},
		{"action.scan", action, medium, "calls to scan a code"},
		{"action.link", action, medium, "has nothing to do but follow one link"},

		{"brand.foreign_letters", fake, strong, "the brand is written with letters of other scripts or with invisible characters"},
		{"brand.spaced", fake, strong, "the brand is written with separators between its letters"},
		{"brand.split", fake, strong, "the brand is split by letters pushed in between"},
		{"brand.misspelt", fake, strong, "the sender's name is the brand with a slip"},
		{"brand.domain_in_local_part", fake, strong, "the local part holds the brand's domain"},
		{"link.unofficial_host", fake, strong, "a link to log in, pay or act leads off the official hosts"},
		{"link.look_alike", fake, strong, "a link's host is made to look like the brand's"},
		{"link.text_mismatch", fake, strong, "a link shows one address and leads to another"},
		{"link.userinfo", fake, strong, "a link has a user name that hides its host"},
		{"link.slash", fake, strong, "a link has a character that only looks like a slash"},
		{"link.ip", fake, strong, "a link leads to a bare address"},
		{"link.idn", fake, medium, "a link's host is international or written oddly"},
		{"link.port", fake, weak, "a link names a port"},
		{"link.recipient_in_query", fake, medium, "a link carries the reader's address"},
		{"link.cloud_tenant", fake, medium, "a link leads to a place where anybody can have pages"},
		{"link.redirector", fake, medium, "a link goes through an open redirector"},
		{"link.nested", fake, medium, "a link is wrapped many times"},
		{"link.shortener", fake, medium, "a link is shortened"},
		{"link.tracker", fake, weak, "a link goes through a click tracker of a mail service"},
		{"mime.two_readings", fake, weak, "mail programs read different parts in the message"},
		{"html.form", fake, strong, "the message holds a form that sends data elsewhere"},
		{"html.script", fake, medium, "the message holds a script"},
		{"html.depth", fake, weak, "the HTML is nested absurdly deep"},
		{"html.font", fake, medium, "Japanese text set in a Chinese font"},
		{"qr.unofficial_host", fake, strong, "a QR code leads off the official hosts"},
		{"attachment.unofficial_host", fake, strong, "an attachment leads off the official hosts"},
		{"attachment.only", fake, medium, "the whole message is in an attachment"},
		{"header.reply_to_elsewhere", fake, medium, "replies go elsewhere"},
		{"header.many_from", fake, medium, "the message has more than one sender"},
		{"header.to_brand", fake, strong, "the message is addressed to the brand instead of its reader"},
		{"header.no_address", fake, medium, "the sender has no usable address"},
		{"header.date_zone", fake, medium, "the clock of the sender runs in a zone that the brand does not use"},
		{"header.mailer", fake, medium, "the message names a mail program, as no notice of the brand does"},
		{"header.message_id", fake, medium, "the Message-ID is of a kind that the brand does not use"},
		{"header.priority", fake, weak, "the message is marked as urgent"},
		{"header.to_self", fake, weak, "the sender's address is the reader's own"},
		{"header.random_local", fake, medium, "the sender's local part is a row of random letters"},
		{"header.chinese_reply", fake, medium, "the subject has the reply mark of a Chinese mail program"},
		{"header.charset", fake, medium, "Japanese text in a Chinese character set"},
		{"text.simplified", fake, medium, "Japanese text with simplified Chinese characters"},
		{"text.question_marks", fake, weak, "question marks in Japanese text where another character was lost"},
		{"text.macro", fake, medium, "place holders of a sending program were left unfilled"},
		{"text.hidden", fake, medium, "much text is there that the reader is not shown"},
		{"text.invisible", fake, medium, "invisible characters inside words"},
		{"text.threat", fake, weak, "threatens or sets a deadline"},
		{"text.address_as_name", fake, weak, "greets the reader by the mail address"},

		{"attachment.dangerous", risk, strong, "an attachment can run or install something"},
		{"risk.phone_in_invitation", risk, strong, "an invitation with a telephone number in a stranger's words"},
		{"risk.sns_callback", risk, strong, "a notification service carries a call to telephone"},
		{"risk.seller_contact", risk, strong, "a seller asks to go outside the marketplace"},
		{"risk.unofficial_link", risk, medium, "text that a third party wrote carries a link off the official hosts"},
		{"risk.tenant", risk, medium, "sent by a customer of the brand's services"},

		{"context.list", mention, medium, "sent through a mailing list"},
		{"context.list_rewrite", mention, weak, "a mailing list put its own address in From"},
		{"context.newsletter", mention, weak, "a newsletter or other bulk mail of the sender's own"},
		{"context.forward", mention, medium, "somebody forwards or quotes a message"},
		{"context.own_domain", mention, medium, "the sender speaks in its own name"},
		{"context.third_party", mention, medium, "a known company that speaks of the brand in its own name"},
		{"context.rival", mention, medium, "the message poses as somebody else"},
		{"context.namesake", mention, medium, "speaks of the river and the forest of the brand's name"},
		{"context.discussion", mention, medium, "people discuss: quotations, patches, warnings"},
		{"context.alias", mention, medium, "came through a service that hides the owner's address"},

		{"shape.official_links", genuine, weak, "all links lead to official hosts"},
		{"shape.order_id", genuine, weak, "has an order number of the brand's form"},
	}
}
