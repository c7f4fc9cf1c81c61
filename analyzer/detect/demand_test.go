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

// Any of these words stands in honest mail: what says whose mail it is, or leads to the brand itself, is no demand in its name.
func TestNoDemandInTheBrandsName(t *testing.T) {
	for _, c := range []struct{ why, from, subject, text string }{
		{"a shop that was paid through the brand names itself", "Kundenservice <service@lampen24.example>", "Ihre Bestellung", "Vielen Dank für Ihre Bestellung bei Lampen24. Die Zahlung über Amazon Pay ist fehlgeschlagen. Bitte aktualisieren: https://lampen24.example/r"},
		{"a seller that asks for a review at the brand", "Customer Care <care@brandx.example>", "Your order", "You bought it on Amazon. Problem with your order? Please confirm and review: https://www.amazon.com/review"},
		{"a friend tells of the own account", "Anna <anna@f.example>", "Schau", "Mein Konto bei Amazon wurde gesperrt, ich musste es bestätigen. Bestellung kommt morgen."},
		{"a bank tells of a purchase and gives its number", "さくら地方銀行 <info@bank.example>", "お知らせ", "AMAZON.CO.JPで3,980円のご利用がありました。お心当たりのない場合は、0120-555-123までお電話ください。"},
		{"an insurer gives away cards of the brand, on pages of its own", "かぜの保険 <info@kaze-hoken.example>", "ご当選のお知らせ：Amazonギフトカード1,000円分", "ご契約ありがとうございます。Amazonギフトカードの受け取りはマイページから：https://my.kaze-hoken.example/present 期限は月末です。"},
		{"a neighbour", "Landlord <l@home.example>", "Parcel", "There is an Amazon parcel for you at my door. Please pick it up today."},
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
