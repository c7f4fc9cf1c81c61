package main

func correspondentsEN() []correspondent {
	return []correspondent{
		{
			from: address{"Nora Whitfield", "nora.whitfield@example.org"}, host: "mail.example.org", client: "192.0.2.25", signed: true, policy: "NONE",
			encoding: "quoted-printable", every: 8, hour: 23, subjects: []string{"Saturday", "Photos from the lake", "That recipe", "Book club", "Re: Saturday"},
			answer: "Lovely, see you then.\n\n{given}\n", text: "Hi {given},\n\nabout \"{subject}\": works for me. I'll bring the cake.\n\nNora\n",
		},
		{
			from: address{"Maple Street Library", "notices@maplelibrary.example"}, host: "mx.maplelibrary.example", client: "198.51.100.40",
			encoding: "7bit", every: 14, hour: 22, subjects: []string{"Your hold is ready for pickup", "Items due soon", "New arrivals"},
			text: "Dear {owner},\n\n{subject}. Please see your account at the desk.\n\nMaple Street Library\n",
		},
		{
			from: address{"Harbor Lane Books", "news@harborlane.example"}, host: "out3.mailer.example.net", client: "198.51.100.71", signed: true, policy: "QUARANTINE", html: true,
			encoding: "quoted-printable", every: 7, hour: 25, subjects: []string{"This week's picks", "Signed copies are in", "Cheaper than Amazon, and we gift-wrap"},
			text: "{subject}\n\nhttps://www.harborlane.example/new\n\nFrom all of us\nFrom the harbor, with love\n",
		},
		{
			from: address{"City Power & Light", "billing@citypower.example"}, host: "mta.citypower.example", client: "203.0.113.9", signed: true, policy: "REJECT",
			encoding: "7bit", every: 30, hour: 24, subjects: []string{"Your bill is ready", "Payment received"},
			text: "Dear {owner},\n\n{subject}. Sign in to My Account to see it.\nhttps://my.citypower.example/\n",
		},
		{
			from: address{"Tom Reyes", "tom.reyes@worksite.example"}, host: "mx2.worksite.example", client: "192.0.2.140", signed: true,
			encoding: "7bit", every: 4, hour: 25, subjects: []string{"Slides for Monday", "Minutes", "Re: budget", "Out on Friday", "Vendor call"},
			text: "{given} - {subject}: see attached notes in the share, comments by Thursday please.\n\nTom\n",
		},
	}
}
