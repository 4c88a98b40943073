# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# A CA of this host's own and the certificate that it signed. Says the thumbprint of the latter; its CA goes to a file.
param (
    [Parameter(Mandatory)] [String[]] $Names,
    [Parameter(Mandatory)] [String] $Site,
    [Parameter(Mandatory)] [Int32] $Days,
    [Parameter(Mandatory)] [Int32] $RenewDays,
    [Parameter(Mandatory)] [String] $AuthorityFile
)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
$store = 'Cert:\LocalMachine\My'

$authority = Get-ChildItem -Path $store | Where-Object { $_.FriendlyName -eq 'deadpool store CA' } | Select-Object -First 1
if (-not $authority) {
    $asked = @{
        CertStoreLocation = $store
        Subject = 'CN=Backup store of ' + ($Site -replace '[^\w .-]', ' ')
        FriendlyName = 'deadpool store CA'
        KeyUsage = @('CertSign', 'CRLSign')
        KeyExportPolicy = 'NonExportable'
        TextExtension = @('2.5.29.19={critical}{text}ca=1&pathlength=0')
        NotAfter = (Get-Date).AddYears(20)
    }
    $authority = New-SelfSignedCertificate @asked
    $Ansible.Changed = $true
}

$wanted = ($Names | Sort-Object) -join ' '
$found = Get-ChildItem -Path $store | Where-Object {
    $_.FriendlyName -eq "deadpool store $wanted" -and $_.NotAfter -gt (Get-Date).AddDays($RenewDays)
} | Select-Object -First 1
if (-not $found) {
    $alternatives = foreach ($name in $Names) {
        $address = $null
        $kind = if ([System.Net.IPAddress]::TryParse($name, [ref] $address)) { 'IPAddress' } else { 'DNS' }
        "$kind=$name"
    }
    $asked = @{
        CertStoreLocation = $store
        Subject = 'CN=' + $Names[0]
        FriendlyName = "deadpool store $wanted"
        Signer = $authority
        KeyExportPolicy = 'NonExportable'
        TextExtension = @(('2.5.29.17={text}' + ($alternatives -join '&')), '2.5.29.37={text}1.3.6.1.5.5.7.3.1')
        NotAfter = (Get-Date).AddDays($Days)
    }
    $found = New-SelfSignedCertificate @asked
    $Ansible.Changed = $true
}

$encoded = [System.Convert]::ToBase64String($authority.RawData, 'InsertLineBreaks')
$text = "-----BEGIN CERTIFICATE-----`r`n$encoded`r`n-----END CERTIFICATE-----`r`n"
$before = if (Test-Path -LiteralPath $AuthorityFile) { [System.IO.File]::ReadAllText($AuthorityFile) } else { '' }
if ($before -ne $text) {
    [System.IO.File]::WriteAllText($AuthorityFile, $text)
    $Ansible.Changed = $true
}
$found.Thumbprint
