package detect

import "testing"

const strangersLink = "https://portal.kz.example/x"

// A demand is composed of the brand, a thing of the reader's, what is wrong with it and what to do, whatever the language.
func TestDemandsInTheBrandsName(t *testing.T) {
	for _, c := range []struct{ why, from, subject, text string }{
		{"German, a department for a sender", "Zahlungsabteilung <z@a.example>", "Mahnung", "Die Abbuchung Ihrer Mitgliedschaft bei Amazon wurde zurückgewiesen. Bitte hinterlegen Sie eine Kreditkarte: "},
		{"French", "Service client <n@a.example>", "Compte suspendu", "Votre compte Amazon a été suspendu. Veuillez confirmer vos informations : "},
		{"Italian", "Ufficio Spedizioni <u@a.example>", "Pacco", "Il suo pacco Amazon è in giacenza. Paghi 2,00 €: "},
		{"Danish", "Kundeservice <k@a.example>", "Konto", "Din Amazon-konto er midlertidigt spærret. Bekræft dine oplysninger: "},
		{"Finnish", "Asiakaspalvelu <k@a.example>", "Tili", "Amazon-tilisi on lukittu. Vahvista tietosi: "},
		{"Hungarian", "Ügyfélszolgálat <k@a.example>", "Fiók", "Amazon-fiókját felfüggesztettük. Kérjük, erősítse meg adatait: "},
		{"Romanian", "Serviciul clienți <k@a.example>", "Cont", "Contul dvs. Amazon a fost suspendat. Confirmați datele: "},
		{"Greek", "Εξυπηρέτηση πελατών <k@a.example>", "Λογαριασμός", "Ο λογαριασμός σας Amazon ανεστάλη. Επιβεβαιώστε τα στοιχεία σας: "},
		{"Ukrainian", "Підтримка <k@a.example>", "Акаунт", "Ваш обліковий запис Amazon заблоковано. Підтвердьте дані: "},
		{"Thai", "ฝ่ายบริการลูกค้า <k@a.example>", "บัญชี", "บัญชี Amazon ของคุณถูกระงับ กรุณายืนยันข้อมูล: "},
		{"Vietnamese", "CSKH <k@a.example>", "Tài khoản", "Tài khoản Amazon của bạn đã bị khóa. Vui lòng xác minh: "},
		{"Indonesian", "Layanan Pelanggan <k@a.example>", "Akun", "Akun Amazon Anda ditangguhkan. Silakan verifikasi: "},
		{"Japanese, a parcel", "配送センター <k@a.example>", "お荷物", "Amazonでご注文の商品がお届けできませんでした。住所をご確認ください。"},
		{"Chinese", "客户服务 <k@a.example>", "通知", "您的亚马逊账户已被冻结，请验证您的信息："},
		{"Korean", "고객센터 <k@a.example>", "안내", "고객님의 아마존 계정이 정지되었습니다. 본인 확인을 해 주세요: "},
		{"no name at all", "k@a.example", "Your parcel", "Your Amazon parcel could not be delivered. Update the address: "},
		{"a name that the text does not bear, a demand and a stranger's link", "Michael Braun <m@a.example>", "Ihr Konto", "Ihr Amazon-Konto wurde gesperrt. Melden Sie sich an, um es zu bestätigen: "},
		{"a prize from nobody", "Rewards <r@a.example>", "Congratulations", "You have been selected to receive an Amazon gift card. Claim it here: "},
	} {
		if ok, signals := posesFully(t, mail(c.from, c.subject, c.text+strangersLink)); !ok {
			t.Errorf("%s: does not pose: %v", c.why, signals)
		}
	}
	for _, c := range []struct{ why, from, text string }{
		{"German number", "Bestellung <b@gmail.com>", "Ihre Bestellung bei Amazon: 899,00 €. Nicht von Ihnen? Rufen Sie uns an: +49 30 5550199"},
		{"French number", "Facture <f@gmail.com>", "Merci pour votre achat sur Amazon de 899,99 €. Pour annuler cette commande, appelez le 01 99 00 55 55."},
		{"Japanese number", "注文センター <c@gmail.com>", "Amazonでのご注文 128,000円が決済されました。お心当たりのない場合は 050-5555-0199 までお電話ください。"},
	} {
		if ok, signals := posesFully(t, mail(c.from, "4711", c.text)); !ok {
			t.Errorf("callback, %s: does not pose: %v", c.why, signals)
		}
	}
}

// A fake of a purchase with the brand's membership is no bank's notice, whatever its domain.
func TestDemandForAMembership(t *testing.T) {
	raw := mail("Customer Support <support@evil-house.example>", "Order", "Amazonプライム会費 5,900円のお支払いが完了しました。心当たりのない方は 0120-123-456 までお電話ください。")
	if ok, signals := posesFully(t, raw); !ok {
		t.Errorf("does not pose: %v", signals)
	}
}

// A site that somebody broke into sends the mail and holds the page: that the link is the sender's own excuses nothing there.
func TestDemandFromABrokenSite(t *testing.T) {
	raw := mail("Kundenservice <info@sakura-dental.example>", "Hinweis", "Ihr Amazon-Konto wurde gesperrt. Bitte bestätigen Sie Ihre Daten: https://www.sakura-dental.example/wp/x")
	if ok, signals := posesFully(t, raw); !ok {
		t.Errorf("does not pose: %v", signals)
	}
}

// The name of a service that nobody else has stands for the brand's where that is never written.
func TestDemandsOfAService(t *testing.T) {
	for _, c := range []struct{ why, from, subject, text string }{
		{"English, films", "Streaming Notice <s@a.example>", "On hold", "Your Prime Video subscription was suspended because your payment was declined. Update your card: "},
		{"English, books", "No Reply <s@a.example>", "Payment declined", "Your Kindle Unlimited membership could not be renewed. Sign in and confirm your card: "},
		{"English, the cloud", "Cloud Billing <s@a.example>", "Past due", "Your AWS account will be suspended within 48 hours. Sign in to update your payment method: "},
		{"English, sellers", "Seller Performance <s@a.example>", "Removed", "Your Seller Central account has been deactivated. Log in to appeal: "},
		{"Japanese, films", "会員サポート <s@a.example>", "ご確認", "プライムビデオのお支払いが確認できませんでした。お支払い方法を更新してください。"},
		{"Japanese, the cloud", "お知らせ <s@a.example>", "未払い", "AWSアカウントで未払いの請求が確認されました。お支払いがない場合、アカウントを停止いたします。ログインしてください。"},
		{"German", "Kundenservice <s@a.example>", "Zahlung", "Ihre Zahlung für Prime Video konnte nicht abgebucht werden. Bitte aktualisieren Sie Ihre Zahlungsdaten: "},
		{"French", "Service Client <s@a.example>", "Abonnement", "Votre abonnement Audible a été suspendu. Veuillez mettre à jour vos informations : "},
		{"Spanish", "Atención al cliente <s@a.example>", "Cuenta", "Su cuenta de AWS ha sido suspendida. Actualice sus datos de pago: "},
	} {
		if ok, signals := posesFully(t, mail(c.from, c.subject, c.text+strangersLink)); !ok {
			t.Errorf("%s: does not pose: %v", c.why, signals)
		}
	}
	for _, c := range []struct{ why, from, subject, text string }{
		{"a guide to films", "Film Weekly <n@film-weekly.example>", "New films", "The best films on Prime Video this week: https://film-weekly.example/r"},
		{"a tool that works in the reader's cloud", "Cloudwatcher <n@cloudwatcher.example>", "Action required", "The integration of your AWS account with Cloudwatcher stopped working. Please log in: https://app.cloudwatcher.example/i"},
		{"a bank tells of a purchase", "Landbank <n@landbank.example>", "Alert", "You paid $14.99 to PRIME VIDEO. Not you? Call 1-800-555-0100."},
		{"a relative asks", "Dad <dad@family.example>", "TV", "The Fire TV says that the account is suspended? Can you have a look? https://forum.tv.example/fire"},
	} {
		if ok, signals := posesFully(t, mail(c.from, c.subject, c.text)); ok {
			t.Errorf("%s: poses: %v", c.why, signals)
		}
	}
}

// Mail that never writes the brand's name shows its picture, or leads to a host dressed as it.
func TestBrandThatIsOnlyShown(t *testing.T) {
	const picture = `<img src="https://m.media-amazon.com/images/G/01/logo.png">`
	for _, c := range []struct {
		why, raw string
		want     bool
	}{
		{"the picture, a demand and a stranger's link", page("Maria Keller <m@a.example>", "Bestellung", picture+`<p>Ihr Konto wurde gesperrt.</p><a href="https://kz.example/x">Jetzt bestätigen</a>`), true},
		{"the picture alone, which is the link", page("j@a.example", "Account on hold", `<a href="https://kz.example/x">`+picture+`</a>`), true},
		{"a host with the name's look-alike", mail("Support <s@a.example>", "Locked", "Your account has been locked. Verify: https://amaz0n-verify.example/"), true},
		{"a host with the name beside other words", mail("Info <s@a.example>", "Prize", "You have been selected! Claim your reward: https://amazonrewards2026.example/c"), true},
		{"what a writer recommends, on pages of the writer", page("Gadget Blog <g@gadgetblog.example>", "Picks", picture+`<p>My picks</p><a href="https://www.gadgetblog.example/p">Read on</a>`), false},
		{"a shop's own order with a picture from elsewhere", page("Print Shop <o@printshop.example>", "On hold", picture+`<p>Your order is on hold.</p><a href="https://www.printshop.example/o">Review</a>`), false},
		{"travel to the river", mail("Reisebüro <r@reise.example>", "Reise", "Bitte bestätigen Sie Ihre Buchung: https://amazonas-reisen.example/b"), false},
	} {
		if ok, signals := posesFully(t, c.raw); ok != c.want {
			t.Errorf("%s: poses is %v: %v", c.why, ok, signals)
		}
	}
}

// Any of these words stands in honest mail: what says whose mail it is, or leads to the brand itself, is no demand in its name.
func TestNoDemandInTheBrandsName(t *testing.T) {
	for _, c := range []struct{ why, from, subject, text string }{
		{"a shop that was paid through the brand names itself", "Kundenservice <service@lampen24.example>", "Ihre Bestellung", "Vielen Dank für Ihre Bestellung bei Lampen24. Die Zahlung über Amazon Pay ist fehlgeschlagen. Bitte aktualisieren: https://lampen24.example/r"},
		{"a seller that asks for a review at the brand", "Customer Care <care@brandx.example>", "Your order", "You bought it on Amazon. Problem with your order? Please confirm and review: https://www.amazon.com/review"},
		{"a friend tells of the own account", "Anna <anna@f.example>", "Schau", "Mein Konto bei Amazon wurde gesperrt, ich musste es bestätigen. Bestellung kommt morgen."},
		{"a bank tells of a purchase and gives its number", "さくら地方銀行 <info@bank.example>", "お知らせ", "AMAZON.CO.JPで3,980円のご利用がありました。お心当たりのない場合は、0120-555-123までお電話ください。"},
		{"an insurer gives away cards of the brand, on pages of its own", "かぜの保険 <info@kaze-hoken.example>", "ご当選のお知らせ：Amazonギフトカード1,000円分", "ご契約ありがとうございます。Amazonギフトカードの受け取りはマイページから：https://my.kaze-hoken.example/present 期限は月末です。"},
		{"a neighbour", "Landlord <l@home.example>", "Parcel", "There is an Amazon parcel for you at my door. Please pick it up today."},
		{"a shop whose payment through the brand's service failed", "Kundenservice <service@drogerie-nord.example>", "Ihre Zahlung", "Ihre Zahlung über Amazon Pay wurde abgelehnt. Bitte aktualisieren Sie Ihre Zahlungsart: https://www.drogerie-nord.example/konto"},
		{"the same, through a service that holds shops", "Customer Support <support@lampstore.example>", "Payment declined", "Your Amazon Pay payment for order 88 was declined. Please update your payment method: https://checkout.service.example/88"},
		{"a carrier that could not deliver", "Delivery <noreply@evri-post.example>", "We missed you", "We could not deliver your Amazon parcel. It is held at your shop. Details: https://www.evri.com/track/1"},
		{"a bank that stopped a payment", "Fraud Alerts <alerts@firstcoop.example>", "Suspicious purchase", "We declined a suspicious charge of $299.00 at AMAZON MKTPLACE. If it was not you, call 1-800-555-0188."},
		{"a German bank", "Sicherheit <sicherheit@volksbank-west.example>", "Zahlung", "Eine Zahlung über 199,00 € an AMAZON EU wurde abgelehnt. Waren Sie das nicht? Rufen Sie an: 0711 5550188"},
		{"a Japanese bank", "カードデスク <info@hoku-bank.example>", "ご利用のお知らせ", "AMAZON.CO.JPでのご利用が承認されませんでした。心当たりがない場合はお電話ください 0120-555-111"},
		{"a Japanese shop whose payment was not approved", "お客様サポート <info@cosme-lab.example>", "ご注文の保留", "ご注文ありがとうございます。Amazon Payの承認が得られず、ご注文を保留しております。再度お手続きください。\nhttps://shop.cosme-lab.example/order/1"},
		{"a Japanese bank with the amount behind", "カード会員サービス <info@chiiki.example>", "ご利用確認", "AMAZON.CO.JPにて12,800円のご利用がありました。お心当たりがない場合は、裏面の電話番号までご連絡ください。"},
		{"a Japanese bank that stopped a payment", "カードデスク <desk@shinkin-kai.example>", "ご利用確認", "AMAZON DOWNLOADSでのご利用を不正検知システムが検知し、保留しました。会員専用ページでご確認ください。\nhttps://www.shinkin-kai.example/member"},
		{"a service that an office rents", "Helpdesk <helpdesk@unix-labs.example>", "Ticket", "Your request about the Amazon Business account was closed. Reopen: https://unix.service.example/r/1"},
		{"points that can become the brand's cards", "ポイント事務局 <info@pointtown.example>", "ポイント失効のお知らせ", "ポイントの有効期限が迫っています。Amazonギフト券に交換できます。お手続きはこちら https://www.pointtown.example/"},
		{"an office with a parcel", "Property Office <office@rentals-west.example>", "Package room", "Your Amazon package is in the package room. Please pick it up by Friday and confirm here: https://www.lockers.example/1"},
		{"what a customer of the brand's cloud keeps there", "Support <support@saasvendor.example>", "Report", "Your report is ready. Please log in and confirm: https://saas-prod.s3.amazonaws.com/r/1.html"},
		{"a newsletter with a picture of goods, through a mail service", "Newsletter <hello@cookbooks.example>", "Picks", "Please confirm your address: https://cookbooks.us1.list-manage.com/confirm?u=1"},
		{"a name in the text", "Researcher <r@uni.example>", "Study", "This is Researcher. You will receive an Amazon gift card; confirm your address: https://forms.other.example/x"},
	} {
		if ok, signals := posesFully(t, mail(c.from, c.subject, c.text)); ok {
			t.Errorf("%s: poses: %v", c.why, signals)
		}
	}
}

// TestDials: telephone numbers as people write them, and what only looks like one.
func TestDials(t *testing.T) {
	for text, want := range map[string]bool{
		"+49 30 5550199": true, "01 99 00 55 55": true, "0800 5550199": true, "(888) 555 0147": true, "1-888-555-0123": true,
		"050-5555-0199": true, "0120-555-123": true, "8885550147": true, "+1 (808) 555-0134": true, "030/5550199": false,
		"2026-02-03": false, "113-4455667-8899001": false, "1.899,00": false, "1234567": false, "10 20 30": false,
	} {
		if got := dials(text); got != want {
			t.Errorf("dials(%q) = %v", text, got)
		}
	}
}
