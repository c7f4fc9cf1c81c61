package detect

import "testing"

const calm = "The meeting is moved to Friday."

func TestDisplayName(t *testing.T) {
	check(t, []sample{
		{"the brand's name", mail(`"Amazon.co.jp" <info@example.top>`, "hello", calm), []string{"brand.display_name:strong"}, []string{"brand.foreign_letters", "brand.spaced"}},
		{"Cyrillic letter", mail("Аmazon <info@example.top>", "hello", calm), []string{"brand.display_name:strong", "brand.foreign_letters:strong"}, nil},
		{"Greek letters", mail("Αmazοn.fr <info@example.top>", "hello", calm), []string{"brand.display_name:strong", "brand.foreign_letters"}, nil},
		{"marks between the letters", mail("Aܿmܿaܿzܿoܿnܿ.cܿoܿm <info@example.top>", "hello", calm), []string{"brand.display_name:strong", "brand.foreign_letters"}, nil},
		{"mathematical letters", mail("𝐀𝐦𝐚𝐳𝐨𝐧 <info@example.top>", "hello", calm), []string{"brand.display_name:strong", "brand.foreign_letters"}, nil},
		{"zero-width characters", mail("Am\u200ba\u200bz\u200bon <info@example.top>", "hello", calm), []string{"brand.display_name:strong", "brand.foreign_letters"}, nil},
		{"spaced out", mail(`"A m a z o n . c o . j p" <info@example.top>`, "hello", calm), []string{"brand.display_name:strong", "brand.spaced:strong"}, nil},
		{"one letter apart", mail(`"A mazon . co . jp" <info@example.top>`, "hello", calm), []string{"brand.display_name:strong", "brand.spaced"}, nil},
		{"split by junk", mail(`"АmTalkazon" <info@example.top>`, "hello", calm), []string{"brand.display_name:strong", "brand.split:strong"}, nil},
		{"a slip", mail(`"Aamzon.co.jp" <info@example.top>`, "【Amazon】更新", calm), []string{"brand.display_name:strong", "brand.misspelt"}, nil},
		{"half-width katakana", mail("ｱﾏｿﾞﾝ <info@example.top>", "hello", calm), []string{"brand.display_name:strong"}, nil},
		{"Prime alone is a medium claim", mail("Prime <info@example.top>", "Your Prime membership", calm), []string{"brand.display_name:medium"}, nil},
		{"no address behind the name", mail("Amazon.co.jp <Amazon>", "アカウント", calm), []string{"brand.display_name:strong", "header.no_address"}, nil},
		{"full-width letters are honest typing", mail("Ａｍａｚｏｎ <info@example.top>", "hello", calm), []string{"brand.display_name"}, []string{"brand.foreign_letters"}},
		{"a river", mail("Amazonas Tours <info@amazonas-tours.example>", "Amazon river trip", calm), nil, []string{"brand.display_name"}},
		{"a fitness club called Prime", mail("Prime Fitness <info@primefit.example>", "amazon voucher for members", calm), nil, []string{"brand.display_name"}},
		{"speaks in its own name", mail("Keepdeal Amazon Alerts <a@keepdeal.example>", "Price drop on Amazon", calm), []string{"context.own_domain", "brand.display_name:weak"}, []string{"brand.display_name:strong"}},
		{"a name with a nought, which the list of spellings knows", mail(`"Amaz0n" <info@example.top>`, "hello", calm), []string{"brand.display_name:strong"}, nil},
		{"who collects for the forest bears the brand's name and poses as nobody", mail("Save the Amazon <info@forest.example>", "The Amazon needs you", "Help us stop deforestation. Update your payment method to continue your monthly gift."), []string{"context.namesake", "brand.display_name:weak"}, []string{"brand.display_name:strong"}},
		{"a fake that mentions the forest still speaks of an account", mail("Amazon <info@forest.example>", "Your account", "Your Amazon account is suspended. Rainforest."), []string{"brand.display_name:strong"}, []string{"context.namesake"}},
		{"the brand's own name is no name of its own", mail("Amazon Requestsupport <a@amazon-requestsupport.example>", "hello", calm), []string{"brand.display_name:strong"}, []string{"context.own_domain"}},
		{"a generic word is no name of its own", mail("Amazon Support <a@support.example>", "hello", calm), []string{"brand.display_name:strong"}, []string{"context.own_domain"}},
		{"a card issuer", mail("三井住友カード <info@example.top>", "ご利用のお知らせ", calm), []string{"brand.display_name:strong"}, nil},
		{"a bank whose name is a verb", mail("Chase Online Alert <info@example.top>", "Your statement", calm), []string{"brand.display_name:strong"}, nil},
		{"a verb", mail("Paper Chase <hello@paperchase.example>", "new stock", calm), nil, []string{"brand.display_name"}},
	})
}

func TestLocalPart(t *testing.T) {
	check(t, []sample{
		{"brand and a word", mail("Info <amazon-update@example.top>", "hello", calm), []string{"brand.local_part:strong"}, nil},
		{"brand inside", mail("Info <support-amazon.jp@example.cn>", "hello", calm), []string{"brand.local_part"}, nil},
		{"the brand's domain", mail("Billing <billingservices.amazon.com@gmail.com>", "hello", calm), []string{"brand.domain_in_local_part:strong", "brand.local_part"}, nil},
		{"a slip", mail("Amazon <amazkn-update@example.top>", "hello", calm), []string{"brand.local_part:medium"}, nil},
		{"brand and a word in one", mail("Info <amazonprime@example.top>", "hello", calm), []string{"brand.local_part:strong"}, nil},
		{"a free address under a name that is nobody's", mail("Support <amazon-support@gmail.com>", "hello", calm), []string{"brand.local_part:strong"}, nil},
		{"a fan with a free address", mail("Kenji Sato <amazonlover77@gmail.com>", "amazon", calm), []string{"brand.local_part:weak"}, []string{"brand.local_part:strong"}},
		{"the brand's own address", mail("Amazon <amazon-offers@amazon.de>", "hello", calm), nil, []string{"brand.local_part"}},
		{"a region", mail("Info <amazonia@example.org>", "amazon forest", calm), nil, []string{"brand.local_part:strong"}},
	})
}

func TestFromDomain(t *testing.T) {
	check(t, []sample{
		{"brand as a label", mail("Info <a@amazon.co.jp.example.top>", "amazon", calm), []string{"brand.from_domain:strong"}, nil},
		{"brand inside a label is weaker", mail("Info <a@amazonsellers.example>", "amazon", calm), []string{"brand.from_domain:medium"}, nil},
		{"the brand itself", mail("Info <a@mail.amazon.co.jp>", "amazon", calm), nil, []string{"brand.from_domain"}},
		{"a neighbour of com.be", mail("Info <a@shop.com.be>", "amazon", calm), nil, []string{"brand.from_domain"}},
		{"a company known to write of the brand", mail("Deals <a@camelcamelcamel.com>", "Amazon price drop", calm), []string{"context.third_party"}, []string{"brand.from_domain"}},
	})
}

func TestSubject(t *testing.T) {
	check(t, []sample{
		{"brackets", mail("x <a@example.top>", "【Amazon】ご案内", calm), []string{"brand.subject:medium"}, nil},
		{"domain and colon", mail("x <a@example.top>", "amazon.co.jp: サインイン試行", calm), []string{"brand.subject"}, nil},
		{"words of notices", mail("x <a@example.top>", "Your Amazon account has been locked", calm), []string{"brand.subject"}, nil},
		{"Japanese account", mail("x <a@example.top>", "Amazonアカウントを利用制限しています", calm), []string{"brand.subject"}, nil},
		{"behind a list's tag", mail("x <users@example.org>", "[Users] 【Amazon】更新", calm, "List-Id: <users.example.org>"), []string{"brand.subject"}, nil},
		{"Prime fee without the name", mail("Amazon <a@example.top>", "プライム会費のお支払い方法に問題があります", calm), []string{"brand.subject"}, nil},
		{"a known slip in brackets", mail("x <a@example.top>", "【Arnazon】お支払い方法を更新してください", calm), []string{"brand.subject:medium"}, nil},
		{"spaced out in Japanese brackets", mail("x <a@example.top>", "【A m a z o n . c o . j p】お支払い方法を更新してください", calm), []string{"brand.subject:medium", "brand.spaced"}, nil},
		{"an article that warns of fakes", mail("まいにち新聞 <news@paper.example>", "アマゾンを装う詐欺に注意 プライム会費の偽メール急増", calm), []string{"context.discussion"}, []string{"brand.subject:medium"}},
		{"only named", mail("x <a@example.top>", "What we read about Amazon this week", calm), nil, []string{"brand.subject:medium"}},
	})
}

func TestBody(t *testing.T) {
	check(t, []sample{
		{"thanks and account, Japanese", mail("x <a@example.top>", "重要", "平素はAmazonをご利用いただき、誠にありがとうございます。\nお客様のAmazonアカウントを停止しました。\nAmazonカスタマーサービス"), []string{"brand.body:medium", "brand.signature:medium"}, nil},
		{"broken over lines", mail("x <a@example.top>", "重要", "平素はAmazon\nをご利用いた\nだきありがとうございます。"), []string{"brand.body:medium"}, nil},
		{"greeting, English", mail("x <a@example.top>", "Notice", "Dear Amazon Customer,\nyour Amazon account has been locked. Verify your account within 24 hours.\nAmazon Support"), []string{"brand.body:strong", "brand.signature:medium"}, nil},
		{"German", mail("x <a@example.top>", "Hinweis", "Sehr geehrter Amazon Kunde, Ihr Amazon-Konto wurde gesperrt. Bitte bestätigen Sie Ihre Daten.\nIhr Amazon Kundenservice"), []string{"brand.body:strong", "brand.signature:medium"}, nil},
		{"French", mail("x <a@example.top>", "Avis", "Cher client Amazon, votre compte Amazon a été suspendu. Cliquez ici.\nService client Amazon"), []string{"brand.body:strong", "brand.signature:medium"}, nil},
		{"Spanish", mail("x <a@example.top>", "Aviso", "Estimado cliente de Amazon, tu cuenta de Amazon ha sido suspendida. Haz clic aquí."), []string{"brand.body:strong"}, nil},
		{"Italian", mail("x <a@example.top>", "Avviso", "Gentile cliente Amazon, il tuo account Amazon è stato sospeso. Clicca qui."), []string{"brand.body:strong"}, nil},
		{"Portuguese", mail("x <a@example.top>", "Aviso", "Prezado cliente Amazon, sua conta Amazon foi suspensa. Clique aqui."), []string{"brand.body:strong"}, nil},
		{"Chinese", mail("x <a@example.top>", "通知", "尊敬的亚马逊客户,您的亚马逊账户已被锁定,请验证。"), []string{"brand.body:strong"}, nil},
		{"place holders between all letters", mail("x <a@example.top>", "停止", "あ##mix_normal_10##な##mix_normal_10##た##mix_normal_10##の##mix_normal_10##Amazonア##mix_normal_10##カ##mix_normal_10##ウ##mix_normal_10##ント で誰かが購入しようとしました。24時間以内に確認してください。"), []string{"brand.body:medium"}, nil},
		{"footer alone in an article", mail("News <a@news.example>", "Tech this week", "Amazon, Inc. or its affiliates opened a store."), nil, []string{"brand.body:medium", "brand.signature:medium"}},
		{"a telephone company speaks in the name that it bears", page("ひかり通信 <info@tsushin.example>", "Amazonプライム特典のお手続きについて", "ひかり通信をご利用いただきありがとうございます。Amazonプライム会員登録はお済みですか。"+a("https://tsushin.example/my", "ログイン")), []string{"context.own_domain"}, []string{"brand.body:medium", "link.unofficial_host:strong"}},
		{"a name of one's own beside the brand's voice is no excuse", page("Akari <mem@kz.example>", "【Amazon】アカウント停止", "Akariより。Amazonをご利用いただきありがとうございます。お客様のAmazonアカウントを停止しました。24時間以内に確認してください。"+a("https://kz.example/z", "ログイン")), []string{"brand.body:medium", "link.unofficial_host:strong"}, []string{"context.own_domain"}},
		{"the brand's thanks and a failed payment, links to the sender's own pages", page("重要なお知らせ <mem@kz.example>", "【重要】ご確認ください", "いつもAmazonをご利用いただきありがとうございます。お支払い方法の承認が得られませんでした。"+a("https://kz.example/z", "お支払い方法を更新")), []string{"brand.body:medium", "link.unofficial_host:strong"}, nil},
		{"a product's name and a bill", page("Audible <mem@kz.example>", "Your Audible membership payment failed", "Update your payment to keep Audible, an Amazon company."+a("https://kz.example/z", "Update payment")), []string{"brand.display_name:medium", "link.unofficial_host:strong"}, nil},
		{"a person called Alexa", page("Alexa <alexa@start.example>", "Welcome to Start", "Log in to your Start account."+a("https://start.example/z", "Log in")), nil, []string{"link.unofficial_host:strong"}},
		{"a name that anybody may use is no name of one's own", mail("お客様サポート <info@kz.example>", "【Amazon】お知らせ", "お客様サポートです。お客様のAmazonアカウントを停止しました。24時間以内に確認してください。"), []string{"brand.body:strong"}, []string{"context.own_domain"}},
		{"a quotation is not the writer's voice", mail("Kenji <kenji@example.org>", "Re: strange mail", "> お客様のAmazonアカウントを停止しました。ログインしてください。\nThis is fake, I think."), nil, []string{"brand.body"}},
	})
}

func TestPrize(t *testing.T) {
	check(t, []sample{
		{"the reader was chosen", page("Julia Weber <noreply@markt.example>", "Eine kleine Freude", `Ihr 500€ Amazon-Gutschein wartet. Sie wurden als Gewinner eines Amazon-Gutschein ausgewählt. <a href="http://win.example.top/x">Bestätigen Sie jetzt</a>`), []string{"brand.prize:medium", "action.confirm", "link.unofficial_host"}, nil},
		{"free gift card", page("GiftCardoffer <b@gmail.com>", "Get Free amazon gift card is here", `<a href="http://giftcardoffer.example/amazon.html">Claim your gift</a>`), []string{"brand.prize:medium"}, nil},
		{"a points programme in its own name", page("ポイントタウン <news@pointtown.example>", "Amazonギフト券500円分が当たる!おめでとうございます", `<a href="https://www.pointtown.example/campaign">応募する</a>`), nil, []string{"brand.prize:medium", "link.unofficial_host"}},
	})
}

func TestActions(t *testing.T) {
	from := "Amazon <a@example.top>"
	check(t, []sample{
		{"log in, Japanese", mail(from, "x", "下記よりログインしてください。"), []string{"action.login"}, nil},
		{"pay, Japanese", mail(from, "x", "お支払い方法を更新してください。"), []string{"action.pay"}, nil},
		{"confirm, English", mail(from, "x", "Please verify your account."), []string{"action.confirm"}, nil},
		{"call with a number", mail(from, "x", "If you did not order this, call us at +1 (805) 555-0147."), []string{"action.call"}, nil},
		{"call without a number", mail(from, "x", "Please call your doctor."), nil, []string{"action.call"}},
		{"open the attachment", withFile(from, "x", "See the attached document.", "notice.pdf", "application/pdf", []byte("%PDF-1.4 ")), []string{"action.open_attachment"}, nil},
		{"a number is all there is", mail("Amazon Billing <a@gmail.com>", "Invoice", "Your order of a telephone for $999.00 was placed. Customer care: +1 888 555 0147"), []string{"action.call"}, nil},
		{"one picture, one link", page(from, "x", `<a href="https://a.example.top/x"><img src="https://a.example.top/p.png"></a>`), []string{"action.link"}, nil},
		{"scan a code", mail(from, "x", "QRコードを読み取ってください。"), []string{"action.scan"}, nil},
		{"nothing to do", mail(from, "x", "We are open on Sunday."), nil, []string{"action.login", "action.pay", "action.confirm", "action.call", "action.link"}},
	})
}

func TestDisguise(t *testing.T) {
	check(t, []sample{
		{"foreign letters in the text", mail("x <a@example.top>", "お知らせ", "Аmazonアカウントを停止しました"), []string{"brand.foreign_letters:strong"}, nil},
		{"split in the text", mail("amazon <a@example.top>", "x", "АmTalkazon お客様"), []string{"brand.split:strong"}, nil},
		{"spaced in the subject", mail("x <a@example.top>", "A m a z o n アカウント", "Amazon"), []string{"brand.spaced:strong"}, nil},
		{"one hyphen at a line end", mail("x <a@example.top>", "x", "ama-zon and Amazon"), nil, []string{"brand.spaced"}},
		{"Russian about the brand", mail("Иван <ivan@example.ru>", "Амазон", "Я купил книгу на Амазоне, amazon.com"), nil, []string{"brand.foreign_letters"}},
		{"plain", mail("x <a@example.top>", "x", "Amazon Аккаунт"), nil, []string{"brand.foreign_letters"}},
	})
}
