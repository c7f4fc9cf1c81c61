package verdict

import "github.com/mailaudit/mailaudit/analyzer/finding"

// row is one row of the decision table.
type row struct {
	// number is the row's number in AUTHENTICITY §5; rows are tried in the order of the table.
	number int
	// rule is the id that stands in the record. Several rows may share one.
	rule    string
	verdict finding.Verdict
	// when reports whether the row applies.
	when func(*sender) bool
}

// table returns the decision table; the first row that applies decides. The order is that of AUTHENTICITY §5:
// 2, E, 1, 4, 7, 3, 5, 13, 9, 8, 12, 15, 6, 11, 10, 16, 14.
//
// Rows 2 to 5 need one From field with one address in a domain of the brand and a start of the message that is
// certain; sender.bound says so. A row with a minor variant stands directly below its principal. A trusted receiver that
// contradicts itself leaves the message unverifiable before any row could condemn it.
func table() []row {
	return []row{
		{2, "A2", finding.GenuineRelay, func(s *sender) bool { return s.bound() && s.relay && s.alignedPass() }},
		{0, "E", finding.Mention, func(s *sender) bool {
			return s.bound() && s.trustedPass() && s.auth.Corporate && !s.notice()
		}},
		{0, "U", finding.Unverifiable, func(s *sender) bool { return s.bound() && s.alignedPass() && s.implausible() }},
		{0, "U", finding.Unverifiable, func(s *sender) bool { return s.bound() && s.hearsay() && s.alignedPass() }},
		{1, "A1", finding.Genuine, func(s *sender) bool { return s.bound() && s.certain() && s.trustedPass() }},
		{1, "B1", finding.LikelyGenuine, func(s *sender) bool { return s.bound() && s.trustedPass() }},
		{4, "A4", finding.Genuine, func(s *sender) bool { return s.bound() && s.certain() && s.auth.Verified != nil }},
		{4, "B1", finding.LikelyGenuine, func(s *sender) bool { return s.bound() && s.auth.Verified != nil }},
		{7, "A5", finding.Genuine, func(s *sender) bool { return s.bound() && s.certain() && s.auth.ARCPass }},
		{3, "A3", finding.Genuine, func(s *sender) bool {
			return s.bound() && s.certain() && s.spfOnly() && len(s.auth.Fingerprint) >= fingerprintEnough
		}},
		{3, "A3", finding.LikelyGenuine, func(s *sender) bool { return s.bound() && s.spfOnly() }},
		{5, "B1", finding.LikelyGenuine, func(s *sender) bool {
			return s.bound() && !s.trusted() && s.auth.InRange && s.fingerprintComplete() && !s.contradicted()
		}},
		{0, "U", finding.Unverifiable, func(s *sender) bool { return s.official && s.auth.Conflict }},
		{13, "R", finding.Unverifiable, func(s *sender) bool { return s.fact.Alias != "" && !s.lures() }},
		{9, "U2", finding.Unverifiable, func(s *sender) bool { return s.official && s.brokenInTransit() && s.auth.Forwarder != "" }},
		{8, "P1", finding.Impersonation, func(s *sender) bool {
			return s.official && s.notice() && s.failed() && s.auth.Forwarder == ""
		}},
		{12, "P1", finding.Impersonation, func(s *sender) bool {
			return s.official && s.notice() && !s.alignedPass() && s.auth.Forwarder == "" && (s.repliesElsewhere() || s.envelopeElsewhere())
		}},
		{15, "P3", finding.Impersonation, func(s *sender) bool {
			return s.official && s.notice() && s.foreignPath() && (s.strongAgainst() > 0 || s.mediumAgainst() > 1)
		}},
		{15, "P3", finding.Suspicious, func(s *sender) bool {
			return s.official && s.notice() && s.foreignPath() && s.mediumAgainst() > 0
		}},
		{6, "U", finding.Unverifiable, func(s *sender) bool { return s.official && s.notice() }},
		{14, "M", finding.Mention, func(s *sender) bool { return s.official && s.inList() }},
		{6, "U", finding.Unverifiable, func(s *sender) bool { return s.official }},
		{14, "M", finding.Mention, func(s *sender) bool { return s.byOwner }},
		{11, "F", finding.Unverifiable, func(s *sender) bool { return s.forwarded() && s.fact.ForwardOnly }},
		{11, "F", finding.Mention, func(s *sender) bool { return s.forwarded() }},
		{11, "S", finding.Suspicious, func(s *sender) bool { return s.inForward() && s.poses() && s.strongAgainst() > 0 }},
		{11, "M", finding.Mention, func(s *sender) bool { return s.inForward() }},
		{16, "S", finding.Suspicious, func(s *sender) bool { return s.poses() && s.namesake() && !s.hostile() }},
		{10, "P2", finding.Impersonation, func(s *sender) bool { return s.poses() && s.acts() }},
		{16, "S", finding.Suspicious, func(s *sender) bool { return s.poses() || s.hints() }},
		{14, "M", finding.Mention, func(s *sender) bool { return true }},
	}
}

// fingerprintEnough is how many of the seven features of OFFICIAL §4 row 3 asks for.
const fingerprintEnough = 4

// Rules explains the rules of the table to people, in the order of the table.
func Rules() []finding.Rule {
	return []finding.Rule{
		{
			ID: "A1",
			EN: "The mail server that received this message checked the sender and confirmed Amazon's (or the issuer's) own domain.",
			JA: "このメールを受け取ったメールサーバーが送信元を検査し、Amazonやカード会社など、名乗っている会社自身のドメインから送られたことを確認しています。",
		},
		{
			ID: "A2",
			EN: "The company's relay really delivered this message, but someone else wrote the text: a seller, a buyer or a customer of its services.",
			JA: "配信したのはたしかにAmazonなど会社自身の中継サーバーですが、文面を書いたのは第三者（出品者・購入者・サービスの利用者）です。",
		},
		{
			ID: "A3",
			EN: "The receiving server confirmed the sending server (SPF) for the company's own envelope domain; it does not record other checks.",
			JA: "受信サーバーが、送信サーバーを会社自身のドメインのものと確認しています（SPF）。この受信サーバーは、ほかの検査結果を記録しません。",
		},
		{
			ID: "A4",
			EN: "The message carries the company's digital signature over sender, subject and date, and mailaudit checked it: it is intact.",
			JA: "差出人・件名・日付に対するその会社の電子署名があり、mailauditが検証したところ、改ざんはありません。",
		},
		{
			ID: "A5",
			EN: "The message was forwarded, and the forwarding service vouches, in a form your own server accepted, that the sender was confirmed on first arrival.",
			JA: "転送されたメールですが、最初に届いた時点で送信元が確認されていたことを転送元のサービスが証明し、受信サーバーもそれを認めています。",
		},
		{
			ID: "B1",
			EN: "Everything that was kept fits the company's own way of sending, but no confirmation by the receiving server was kept, or the domain is not surely known.",
			JA: "残っている記録はすべてその会社の送信経路と一致しますが、受信サーバーによる確認結果が残っていないか、ドメインの確認が十分ではありません。",
		},
		{
			ID: "E",
			EN: "A person working at the company wrote this. It is real, but it is no notice about your account.",
			JA: "その会社で働く個人が書いたメールです。本物ですが、あなたのアカウントに関する通知ではありません。",
		},
		{
			ID: "R",
			EN: "The message came through an address-hiding service, which replaces the sender's proof by its own. Whether the original was genuine cannot be shown.",
			JA: "メールアドレスを隠すサービスを経由して届いたメールです。元の送信元の証明が置き換えられているため、本物かどうかを示せません。",
		},
		{
			ID: "U2",
			EN: "The message was changed on its way by a forwarder, mailing list or gateway, which broke the signature. Neither genuine nor fake can be shown.",
			JA: "転送やメーリングリストなどの途中で内容が変わり、署名が壊れています。本物とも偽物とも示せません。",
		},
		{
			ID: "U",
			EN: "The From address is an official one, but anybody can write that. Nothing that was kept shows whether it is true.",
			JA: "差出人は公式のアドレスになっていますが、差出人欄は誰でも自由に書けます。残っている記録からは、本物かどうかを判断できません。",
		},
		{
			ID: "P1",
			EN: "The From address is an official one, but the receiving server's check says that the message did not come from there, or replies and envelope lead elsewhere.",
			JA: "差出人は公式のアドレスになっていますが、受信サーバーの検査で、そこから送られたものではないと分かりました（または、返信先や実際の送信元が別の場所です）。",
		},
		{
			ID: "P3",
			EN: "The From address is an official one, but the message did not come over the company's servers and carries marks of a fake.",
			JA: "差出人は公式のアドレスになっていますが、その会社のサーバーを通っておらず、偽メールの特徴があります。",
		},
		{
			ID: "F",
			EN: "Someone you write to forwarded or quoted this. The enclosed message cannot be proven either way.",
			JA: "あなたがやり取りしている相手が転送・引用したメールです。中のメールが本物かどうかは証明できません。",
		},
		{
			ID: "P2",
			EN: "The sender is a stranger who poses as the company and urges you to log in, pay, confirm, call or open something.",
			JA: "無関係の送信者がその会社になりすまし、ログイン・支払い・確認・電話・ファイルを開くことなどを求めています。",
		},
		{
			ID: "S",
			EN: "The sender is a stranger who gives the impression of being the company, but does not clearly ask for anything; or the evidence conflicts.",
			JA: "無関係の送信者がその会社であるかのように見せていますが、はっきりした要求は見当たりません。または、手がかりが食い違っています。",
		},
		{
			ID: "M",
			EN: "The message speaks of the company without posing as it: a newsletter, a shop, a list, a person.",
			JA: "その会社に触れているだけで、なりすましてはいないメールです（ニュースレター、ほかの店、メーリングリスト、個人など）。",
		},
	}
}
