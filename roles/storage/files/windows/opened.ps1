# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Switches off the rules of these names that let in everybody. A rule's name is the same in every language of Windows; its
# group and what is displayed are not.
param ([Parameter(Mandatory)] [String[]] $Names)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
foreach ($name in $Names) {
    $open = @(Get-NetFirewallRule -Name $name -ErrorAction SilentlyContinue |
        Where-Object { $_.Enabled -eq 'True' -and $_.Direction -eq 'Inbound' })
    if ($open.Count -gt 0) {
        $open | Disable-NetFirewallRule
        $Ansible.Changed = $true
    }
}
