package charset

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// TestGuessAlphabet: sets of single bytes are told from those of the East by how their letters stand.
func TestGuessAlphabet(t *testing.T) {
	for _, c := range []struct {
		set  encoding.Encoding
		text string
		name string
	}{
		{charmap.Windows1252, "Größere Änderungen für Ihr Konto: bitte bestätigen", "windows-1252"},
		{charmap.Windows1252, "Votre commande a été expédiée à l'adresse indiquée", "windows-1252"},
		{charmap.Windows1252, "Su pedido será enviado mañana, señor Ibáñez", "windows-1252"},
		{charmap.KOI8U, "Ваше замовлення відправлено сьогодні вранці", "koi8-u"},
		{charmap.KOI8R, "Ваш заказ отправлен сегодня утром", "koi8-u"}, // the same for these letters
		{charmap.Windows1251, "Ваш заказ отправлен сегодня утром", "windows-1251"},
		{traditionalchinese.Big5, "您的訂單已經出貨，請注意查收", "big5"},
		{japanese.ShiftJIS, "お客様のアカウントを確認してください", "shift_jis"},
		{japanese.EUCJP, "お客様のアカウントを確認してください", "euc-jp"},
	} {
		b, err := c.set.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := Guess(b); got.Text != c.text || got.Charset != c.name {
			t.Errorf("%s: %q as %s, want %s", c.text, got.Text, got.Charset, c.name)
		}
	}
}
