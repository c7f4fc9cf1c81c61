package detect

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// posesFully reports what the decision table asks: a posing message that calls to act.
func posesFully(t *testing.T, raw string) (bool, []finding.Signal) {
	t.Helper()
	out, problems := Run(Input{Message: message.Parse([]byte(raw), message.Options{}), Brands: brand.Builtin(), Limits: limit.Default()})
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	strong, medium, against, acts := 0, 0, 0, false
	for _, g := range out.Signals {
		switch {
		case g.For == finding.ForPosing && g.Strength == finding.Strong:
			strong++
		case g.For == finding.ForPosing && g.Strength == finding.Medium:
			medium++
		case g.For == finding.ForImpersonation && g.Strength == finding.Strong:
			against++
		case g.For == finding.ForAction && g.Strength != finding.Weak:
			acts = true
		}
	}
	return sender.Poses(strong, medium, against) && acts, out.Signals
}

// salutations greet the reader as a customer of the brand and ask for something, by language: the name stands nowhere else.
var salutations = map[string][2]string{ // display name, text
	"en": {"Help Desk", "Dear {b} customer, we could not bill you. Update your payment method today."},
	"ja": {"カスタマーセンター", "{b}をご利用いただきありがとうございます。アカウントがロックされました。ログインして24時間以内にお支払い方法を更新してください。"},
	"de": {"Kundenservice", "Sehr geehrter {b}-Kunde, Ihr Konto wurde gesperrt. Bitte bestätigen Sie Ihre Daten."},
	"fr": {"Assistance", "Cher client {b}, votre compte a été suspendu. Veuillez confirmer vos informations de paiement."},
	"es": {"Atención al cliente", "Estimado cliente de {b}, su cuenta ha sido suspendida. Actualice su método de pago."},
	"it": {"Assistenza clienti", "Gentile cliente {b}, il suo account è stato sospeso. Clicca qui e aggiorna il metodo di pagamento."},
	"pt": {"Atendimento", "Prezado cliente {b}, sua conta foi suspensa. Clique aqui para atualizar sua forma de pagamento."},
	"nl": {"Klantenservice", "Beste {b}-klant, uw account is geblokkeerd. Klik hier en werk uw betaalgegevens bij."},
	"pl": {"Obsługa klienta", "Drogi kliencie {b}, Twoje konto zostało zablokowane. Zaktualizuj metodę płatności."},
	"sv": {"Kundservice", "Bästa {b}-kund, ditt konto stängs av inom 24 timmar. Uppdatera dina kortuppgifter."},
	"tr": {"Müşteri Hizmetleri", "Değerli {b} müşterimiz, hesabınız kilitlendi. Kart bilgilerinizi güncelleyin."},
	"ru": {"Служба поддержки", "Уважаемый клиент {b}, ваша учетная запись заблокирована. Подтвердите способ оплаты."},
	"cs": {"Zákaznická podpora", "Vážený zákazníku {b}, váš účet byl zablokován. Aktualizujte platební údaje."},
	"ko": {"고객지원", "{b} 회원님, 로그인이 제한되어 계정이 정지되었습니다. 결제 수단을 확인해 주세요."},
	"zh": {"客服", "尊敬的{b}客户，您的账户已被冻结，请更新付款方式。"},
	"tw": {"客服", "親愛的{b}會員，您的帳戶異常，請點擊此處更新付款資訊。"},
	"ar": {"الدعم", "عزيزي عميل {b}، تم تعليق حسابك. يرجى تحديث معلومات الدفع."},
	"hi": {"सहायता", "प्रिय {b} ग्राहक, आपका खाता निलंबित है। कृपया भुगतान की जानकारी अपडेट करें।"},
}

var nameIn = map[string]string{"ja": "アマゾン", "ko": "아마존", "zh": "亚马逊", "ar": "أمازون"}

// TestSalutationInEveryLanguage: who greets the brand's customer and demands something poses, in all languages that the events
// know; the same letter from a shop that says who it is does not.
func TestSalutationInEveryLanguage(t *testing.T) {
	for lang, s := range salutations {
		for _, name := range []string{"Amazon", nameIn[lang]} {
			if name == "" {
				continue
			}
			text := strings.ReplaceAll(s[1], "{b}", name)
			if ok, signals := posesFully(t, mail(encoded(s[0])+" <k2@post-verteiler.example>", "Info", text)); !ok {
				t.Errorf("%s, %s: does not pose: %v", lang, name, signals)
			}
		}
	}
}

// TestClaimsOfTheFaceless holds each claim that counts only from a sender without a name of its own beside the honest letters
// that make the same claim.
func TestClaimsOfTheFaceless(t *testing.T) {
	charge := "Your Amazon purchase of $412.80 was approved. If this was not you, call +1 (800) 555-0147."
	tests := []struct {
		why  string
		raw  string
		want bool
	}{
		{"a purchase and a number", mail("Billing Dept <b7@zeta-post.example>", "Receipt 5512", charge), true},
		{"the same in Japanese", mail(encoded("お客様センター")+" <b7@zeta-post.example>", "領収書", "Amazonプライム年会費 4,900円の決済が完了しました。覚えがない場合は 0120-555-014 までお電話ください。"), true},
		{"a bank tells of a payment to the brand, with its name", mail("Harbor Bank <alerts@harborbank.example>", "Card alert", "You paid $139.00 to AMAZON PRIME with your Harbor Bank card. Not you? Call 1-800-555-0199."), false},
		{"a bank's alert under a bare name", mail("Alerts <alerts@harborbank.example>", "Card alert", "You paid $139.00 to AMAZON PRIME. Not you? Call 1-800-555-0199."), false},
		{"a bank's alert that writes its name", mail("Alerts <alerts@harborbank.example>", "Card alert", "HarborBank: a charge by Amazon of $20 was declined. Call 1-800-555-0199."), false},
		{"a shop with its own links", page("Orders <orders@lampenladen.example>", "Your order", `<p>We also sell on Amazon. Your order of $20: questions? Call +1 800 555 0133.</p>`+a("https://www.lampenladen.example/o/1", "View your order")), false},
		{"Prime as the sender and a card declined", mail("Prime Service Center <p1@zeta-post.example>", "Payment declined", "We could not renew your membership. Update your payment method within 24 hours."), true},
		{"a gym called Prime with its own link", page("Prime Member Center <club@prime-sweat.example>", "Payment declined", "<p>Your membership payment was declined.</p>"+a("https://prime-sweat.example/pay", "Update your payment method")), false},
		{"a gym called Prime without a link, at a domain of that name", mail("Prime Membership <club@primesweat.example>", "Payment declined", "Your payment failed. Update your payment method."), false},
		{"Prime in brackets at the head of the subject", mail(encoded("お知らせ")+" <p1@zeta-post.example>", encoded("【プライム】お支払い"), "お支払い方法を更新してください。24時間以内にログインしてください。"), true},
		{"a host that begins with the brand's domain", page("Support <s@zeta-post.example>", "Notice", "<p>Your account is on hold.</p>"+a("https://amazon.de.kasse.example/ap", "Verify your account")), true},
		{"the brand's domain before an at sign", page("Support <s@zeta-post.example>", "Notice", "<p>Your account is on hold.</p>"+a("https://www.amazon.fr@kasse.example/ap", "Verify your account")), true},
		{"the brand's picture over a demand", page("Notice <s@zeta-post.example>", "Notice", `<img src="https://m.media-amazon.com/images/G/x.png" alt="Amazon"><p>Please review your order and verify your account.</p>`+a("https://kasse.example/", "Go")), true},
		{"the brand's pictures in a newsletter", page("Deals <d@zeta-post.example>", "Deals", `<img src="https://m.media-amazon.com/images/I/x.jpg"><p>Verify your coupon.</p>`+a("https://kasse.example/", "Go"), "List-Unsubscribe: <https://zeta-post.example/u>"), false},
		{"its legal line", mail("Notice <s@zeta-post.example>", "Your order", "Please confirm your order at https://kasse.example/x\n\n© Amazon.com, Inc. or its affiliates"), true},
		{"its legal line about a trademark", mail("Rewards <s@zeta-post.example>", "Gift card", "Please confirm your gift at https://kasse.example/x\n\nAmazon is a trademark of Amazon.com, Inc. or its affiliates."), false},
	}
	for _, c := range tests {
		if got, signals := posesFully(t, c.raw); got != c.want {
			t.Errorf("%s: poses %v, want %v: %v", c.why, got, c.want, signals)
		}
	}
}

// TestNameOfOneBrandAtAddressOfAnother: the brand that counts is the one that the name claims, but for what two brands issue
// together.
func TestNameOfOneBrandAtAddressOfAnother(t *testing.T) {
	for raw, want := range map[string]string{
		mail("Amazon.co.jp <info@rakuten-card.co.jp>", "ご確認", "お支払い方法を更新してください。"):          "amazon",
		mail(encoded("楽天カード")+" <info@rakuten-card.co.jp>", "ご確認", "Amazonでのご利用がありました。"):   "rakuten_card",
		mail("Amazon.co.jp <info@rakuten-card.co.jp>", "楽天カードからのお知らせ", "お支払い方法を更新してください。"): "rakuten_card",
	} {
		out, _ := Run(Input{Message: message.Parse([]byte(raw), message.Options{}), Brands: brand.Builtin(), Limits: limit.Default()})
		if out.Brand != want && !(want == "rakuten_card" && strings.HasPrefix(out.Brand, "rakuten")) {
			t.Errorf("brand %q, want %q:\n%s", out.Brand, want, raw)
		}
	}
}

// encoded writes a text as an encoded word (RFC 2047).
func encoded(text string) string {
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
}
