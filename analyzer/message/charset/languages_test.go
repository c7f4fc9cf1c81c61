package charset

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// TestGuessLanguages: sentences of the length of a subject or more, of each language in each set that its mail has had,
// come out as they were written when nothing says which set it is.
func TestGuessLanguages(t *testing.T) {
	latin := []encoding.Encoding{charmap.Windows1252}
	for _, c := range []struct {
		language string
		sets     []encoding.Encoding
		texts    []string
	}{
		{"Spanish", latin, []string{
			"Actualización", "Actualización de la contraseña de su cuenta", "Se ha iniciado sesión desde un dispositivo que no reconocemos",
			"Información importante: su dirección de envío ya no está en vigor", "¿Ha cambiado usted su número de teléfono? Si no ha sido así, avísenos",
			"Atención: pedido nº 4 en camino; mañana llegará",
		}},
		{"French", latin, []string{
			"Votre commande a été expédiée", "Vérifiez votre compte dès aujourd'hui", "Votre mot de passe a été modifié il y a quelques minutes à Besançon",
			"Créée en août, la carte a été refusée : où en êtes-vous ?", "Décès d'un proche : les démarches à faire", "L’été dernier, nos équipes ont été là pour vous",
		}},
		{"German", latin, []string{
			"Ihre Bestellung wurde verschickt: voraussichtlich übermorgen", "Überprüfen Sie bitte Ihre Zahlungsmöglichkeit", "Schöne Grüße aus Köln", "Müller", "Fotos von der Wanderung über die Höhe",
			"Für Ihr Konto wurde die Bestätigung in zwei Schritten ausgeschaltet", "Ärger mit der Tür? Größere Öffnungen müssen genügen",
		}},
		{"Portuguese", latin, []string{
			"Atualização da sua conta: ação necessária", "A sua palavra-passe foi alterada às três horas da manhã", "Confirmação de endereço e número de telemóvel",
			"Não reconhecemos esta sessão; são precisas informações", "Promoções de verão até amanhã", "Olá, João", "Reunião amanhã às três",
		}},
		{"Italian", latin, []string{"La città è cambiata: perché il suo indirizzo non è più valido?", "Il pagamento non è andato a buon fine, verrà riprovato lunedì"}},
		{"Swedish", latin, []string{"Ditt lösenord har ändrats från en ny enhet på Södermalm", "Är det inte du? Gör så här för att återställa kontot"}},
		{"Russian", []encoding.Encoding{charmap.KOI8R, charmap.Windows1251}, []string{
			"Ваш заказ отправлен", "Подтвердите вход в учётную запись", "Пароль от вашей учётной записи был изменён сегодня утром",
			"Если это были не вы, немедленно сообщите нам об этом по телефону", "Ваша подписка Prime продлена до 5 марта", "Важное уведомление о безопасности", "Завтра в три часа совещание в кабинете", "Фотографии с прошлой недели", "С днём рождения, дорогая Анна!",
		}},
		{"Ukrainian", []encoding.Encoding{charmap.KOI8U, charmap.Windows1251}, []string{
			"Ваше замовлення відправлено сьогодні вранці", "Пароль вашого облікового запису змінено", "Якщо це були не ви, повідомте нас якнайшвидше",
		}},
		{"Chinese, simplified", []encoding.Encoding{simplifiedchinese.GBK}, []string{
			"您的订单已经发货，请注意查收", "您的账户密码已被更改", "我们检测到您的帐户有异常登录，请立即确认", "尊敬的客户：您的付款方式已过期",
			"亚马逊账户安全通知", "如果这不是您本人的操作，请马上联系我们的客服人员", "付款成功", "今天下午三点在办公室开会，别迟到", "附件是上周旅行的照片", "新年快乐", "春节放假安排", "关于调整物业收费标准的通告", "您的 Prime 会员资格将于 3 月 5 日到期，届时将自动续费",
		}},
		{"Chinese, traditional", []encoding.Encoding{traditionalchinese.Big5}, []string{
			"您的訂單已經出貨，請注意查收", "您的帳戶密碼已被變更", "我們偵測到您的帳戶有異常登入，請立即確認", "親愛的客戶：您的付款方式已過期",
			"亞馬遜帳戶安全通知", "如果這不是您本人的操作，請馬上聯絡我們的客服人員", "今天下午三點在辦公室開會，別遲到", "附件是上週旅行的照片", "新年快樂", "春節放假安排", "關於調整管理費標準的公告", "您的 Prime 會員資格將於 3 月 5 日到期，屆時將自動續費",
		}},
		{"Korean", []encoding.Encoding{korean.EUCKR}, []string{
			"주문하신 상품이 발송되었습니다", "고객님의 계정 비밀번호가 변경되었습니다", "새로운 기기에서 로그인이 감지되었습니다. 본인이 아니라면 확인해 주세요",
			"결제 수단을 확인해 주십시오", "아마존 계정 보안 알림", "오늘 오후 세 시에 회의실에서 만나요", "지난주 여행 사진을 보냅니다", "생일 축하해", "겨울 휴가 일정 안내", "Prime 회원권이 3월 5일에 자동으로 갱신됩니다",
		}},
		{"Japanese", []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS}, []string{
			"お客様のアカウントを確認してください", "ご注文の商品を発送しました", "パスワードが変更されました。心当たりのない場合はご連絡ください",
			"お支払い方法の更新をお願いします", "重要なお知らせ：会員資格の自動更新について", "新しい端末からのサインインがありました", "プライム会員の年会費のご請求",
			"カスタマーサービスより", "明日の午後三時に会議室でお会いしましょう", "先週の旅行の写真を送ります", "誕生日おめでとう", "冬休みの予定について", "請求金額確定のご連絡",
			"領収書添付", "年末年始休業のお知らせ", "ポイント", "Amazonからのご案内です",
		}},
	} {
		for _, set := range c.sets {
			for _, text := range c.texts {
				b, err := set.NewEncoder().Bytes([]byte(text))
				if err != nil {
					t.Fatalf("%s, %v: %v", c.language, set, err)
				}
				for _, in := range []struct{ how, text, bytes string }{
					{"alone", text, string(b)},
					{"in a page", "<p>" + text + "</p>\n<p>Amazon 123-4567890</p>\n", "<p>" + string(b) + "</p>\n<p>Amazon 123-4567890</p>\n"},
					{"repeated", strings.Repeat(text+"\n", 5), strings.Repeat(string(b)+"\n", 5)},
				} {
					if got := Guess([]byte(in.bytes)); got.Text != in.text {
						t.Errorf("%s in %v, %s: %q as %s, want %q", c.language, set, in.how, got.Text, got.Charset, in.text)
					}
				}
			}
		}
	}
}
