package views

// BindingRow is one binding of an account. Empty texts are left out.
type BindingRow struct {
	URL               string // its page
	Called            string // its label
	DeviceName        string // what the device calls itself
	App               string
	Publisher         string
	PublisherVerified bool
	Counter           string // where it was approved
	ApprovedAt        string
	ApprovedBy        string
	LastUse           string // "" when it was never used
	State             string // in words
	Live              bool   // there is something to end
}

// BindingsProps is what an account has: for the operator of its visit, and for supervisors.
type BindingsProps struct {
	AccountName string
	Bindings    []BindingRow
	NotShown    int
	EndAllURL   string           // "" when there is nothing to end, or it may not be ended now
	Why         string           // why nothing may be ended now; "" when it may
	EndWaiting  *EndWaitingProps // nil when nothing waits, or it may not be ended now
	Lost        LostDeviceProps
	StoryURL    string // what happened to the account, for supervisors; "" for others
	BackURL     string
	BackText    string
}

// EndWaitingProps is what waits for the account, to end all of it. The form has no field.
type EndWaitingProps struct {
	Action string
	Ends   string // how many requests
	Spared int    // sessions handle these
}

// BindingProps is one of them. Fields of its forms: reason, label.
type BindingProps struct {
	BindingRow
	AccountName string
	RevokeURL   string // "" when it may not be ended
	LabelURL    string // "" when there is nothing to name
	Label       string // what the field for it holds
	Why         string
	Lost        LostDeviceProps
	BackURL     string
}

// EndAllProps says what will end. Field: reason.
type EndAllProps struct {
	AccountName string
	Bindings    []BindingRow // those that live
	NotShown    int
	Action      string
	BackURL     string
}
